/** Who is let in where: every route of the OpenAPI document, with every credential that should not open it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { CUSTOMERS, newSource } from './support/data.js';
import { Forger, makeImpostors } from './support/impostors.js';
import { type Operation, readOperations } from './support/operations.js';
import { MISSING_ID, REACHES_OUT, type Reply, type Request, Scene, send } from './support/scene.js';
import { eachOf, Tally } from './support/tally.js';

/** What a caller is allowed, beside what their rows are. */
interface Caller {
  name: string;
  headers: Record<string, string>;
  permissions: ReadonlySet<string>;
  /** Comes with a key of the victim’s. */
  isVictim?: boolean;
}

/** Profiles are the rows that are neither private nor for administrators: what others get of them, by design. */
const OF_OTHERS: Record<string, 'public fields' | 'forbidden'> = {
  'GET /users/{id}': 'public fields',
  'PATCH /users/{id}': 'forbidden',
};
const PUBLIC_FIELDS = ['id', 'username', 'full_name', 'avatar_url'];

describe('access to every route of the OpenAPI document', () => {
  const tally = new Tally('Access to every route: attempts and findings');
  let operations: Operation[];
  let guarded: Operation[];
  let scene: Scene;
  let before: string[];
  let forger: Forger;

  beforeAll(async () => {
    operations = await readOperations();
    guarded = operations.filter(({ permission }) => permission !== null);
    scene = await Scene.open();
    forger = await Forger.open(scene);
    before = await scene.stored.belongingsOf(scene.victim.id);
  });

  afterAll(async () => {
    tally.print();
    await scene.close();
  });

  /** Tries one operation after the other as somebody, and fails with all that is wrong. */
  const tryAll = async (
    name: string,
    some: readonly Operation[],
    attempt: (operation: Operation) => Promise<string | null | undefined>,
  ): Promise<void> => {
    const known = tally.findings.length;
    await eachOf(some, async (operation) => {
      const finding = await attempt(operation);
      if (finding === undefined) return;
      tally.count(name, finding === null ? null : `${operation.name} ${finding}`);
    });
    expect(tally.findings.slice(known)).toEqual([]);
  };

  const bearer = ({ client }: Account): Record<string, string> => ({ authorization: `Bearer ${client.token ?? ''}` });
  const permissionsOf = (role: string): ReadonlySet<string> => scene.permissionsOfRole.get(role) ?? new Set();
  const all = (): ReadonlySet<string> => new Set(guarded.map(({ permission }) => permission ?? ''));

  /**
   * What is wrong about what a caller gets who is not the victim, or comes with a key that is not for this; undefined when
   * it is theirs to do.
   */
  const judge = async (operation: Operation, caller: Caller): Promise<string | null | undefined> => {
    const request = scene.attackOn(operation);
    const isMissing = !caller.permissions.has(operation.permission ?? '');
    const ofOthers = caller.isVictim === true ? undefined : OF_OTHERS[operation.name];
    const isPrivate = scene.isPrivate(operation);
    if (!isMissing && !isPrivate && ofOthers === undefined && isTheirsToDo(operation, caller)) return undefined;
    const reply = await send(request, caller.headers);
    if (isMissing) return refusal(reply, 403, 'forbidden') ?? differsFromMissing(operation, request, reply, caller);
    if (ofOthers === 'forbidden') {
      return refusal(reply, 403, 'forbidden') ?? differsFromMissing(operation, request, reply, caller);
    }
    if (ofOthers === 'public fields') return moreThan(PUBLIC_FIELDS, reply);
    if (isPrivate) return refusal(reply, 404, 'not_found') ?? differsFromMissing(operation, request, reply, caller);
    return leak(reply);
  };

  /** With the permission, these change the caller’s own sessions and account, or the installation. */
  const isTheirsToDo = (operation: Operation, { isVictim = false }: Caller): boolean =>
    scene.endsSessions(operation) ||
    (isVictim && operation.name === 'POST /auth/logout') ||
    (operation.method !== 'GET' && operation.path.includes('{'));

  const leak = ({ status, text }: Reply): string | null => {
    if (status >= 500) return `answers ${status}`;
    return text.includes(scene.marker) ? `answers ${status} with what is the victim’s: ${text.slice(0, 200)}` : null;
  };

  const differsFromMissing = async (
    operation: Operation,
    request: Request,
    reply: Reply,
    { headers }: Caller,
  ): Promise<string | null> => {
    const missing = await send(scene.missing(operation, request), headers);
    const [known, unknown] = [told(reply), told(missing)];
    return known === unknown ? null : `tells a row that exists (${known}) from one that does not (${unknown})`;
  };

  it('is known to the tests: whose rows every id in a path, a query or a body stands for', () => {
    expect(operations.flatMap((operation) => scene.gapsOf(operation))).toEqual([]);
    expect(guarded.length).toBeGreaterThan(30);
    expect(guarded.filter(({ permission }) => permission === '').map(({ name }) => name)).toEqual([]);
  });

  it('is refused to everybody who cannot prove who they are', async () => {
    const control = await send(
      { method: 'GET', target: '/api/v1/auth/me', body: undefined },
      {
        authorization: `Bearer ${forger.token()}`,
      },
    );
    expect([control.status, (JSON.parse(control.text) as { id: number }).id]).toEqual([200, scene.victim.id]);
    const impostors = await makeImpostors(scene, forger);
    expect(impostors.length).toBeGreaterThan(35);
    for (const { name, headers, query } of impostors) {
      await tryAll(name, guarded, async (operation) => {
        const request = scene.attackOn(operation);
        const reply = await send(
          query === undefined ? request : { ...request, target: `${request.target}?${query}` },
          headers,
        );
        if (reply.headers.get('www-authenticate') !== 'Bearer') return `answers ${reply.status} without a challenge`;
        return refusal(reply, 401, 'unauthenticated');
      });
    }
  }, 180_000);

  it('is a viewer’s as far as the role goes, whether a row exists or not', async () => {
    const viewer = await newAccount();
    await scene.admin.client.put(`/users/${viewer.id}/roles`, { roles: ['viewer'] });
    const caller = { name: 'a viewer', headers: bearer(viewer), permissions: permissionsOf('viewer') };
    await tryAll(caller.name, guarded, (operation) => judge(operation, caller));
  });

  it('is no way for another analyst to learn of somebody’s rows', async () => {
    const { stranger } = scene;
    const caller = { name: 'another analyst', headers: bearer(stranger), permissions: permissionsOf('analyst') };
    await tryAll(caller.name, guarded, (operation) => judge(operation, caller));
  });

  it('is no way for an administrator to learn of somebody’s rows', async () => {
    const caller = { name: 'an administrator', headers: bearer(scene.admin), permissions: all() };
    // The audit trail is there to tell administrators of what others do.
    const some = guarded.filter(({ permission }) => permission !== 'audit:read');
    await tryAll(caller.name, some, (operation) => judge(operation, caller));
  });

  it('is not an API key’s whose scopes leave out the permission', async () => {
    for (const permission of all()) {
      const some = guarded.filter((operation) => operation.permission === permission);
      const owner = permissionsOf('analyst').has(permission) ? scene.victim : scene.admin;
      const own = owner === scene.victim ? permissionsOf('analyst') : all();
      const session = new Set(guarded.filter(({ takesApiKeys }) => !takesApiKeys).map((one) => one.permission));
      const scopes = [...own].filter((scope) => scope !== permission && !session.has(scope));
      const { key } = await scene.newKey(owner, { scopes });
      await tryAll('an API key without the scope', some, async (operation) =>
        refusal(await send(scene.attackOn(operation), { 'x-api-key': key }), 403, 'forbidden'),
      );
    }
  });

  it('is not an API key’s where the document does not say so', async () => {
    const { key } = await scene.newKey(scene.admin);
    const some = guarded.filter(({ takesApiKeys }) => !takesApiKeys);
    expect(some.length).toBeGreaterThan(2);
    await tryAll('an API key where none will do', some, async (operation) =>
      refusal(await send(scene.attackOn(operation), { 'x-api-key': key }), 403, 'forbidden'),
    );
  });

  it('is not an API key’s that is for another data source', async () => {
    const name = 'Customers';
    const { id } = await newSource(scene.victim.client, { 'customers.csv': CUSTOMERS }, { name });
    const { key } = await scene.newKey(scene.victim, { data_source_ids: [id] });
    const permissions = new Set([...permissionsOf('analyst')].filter((one) => one !== 'api_keys:manage'));
    const caller: Caller = {
      name: 'an API key for another data source',
      headers: { 'x-api-key': key },
      permissions,
      isVictim: true,
    };
    await tryAll(caller.name, guarded, (operation) => judge(operation, caller));
  });

  it('to the whole installation is not an API key’s that is for certain data sources', async () => {
    const { id } = await newSource(scene.admin.client, { 'customers.csv': CUSTOMERS }, { name: 'For one key' });
    const { key } = await scene.newKey(scene.admin, { data_source_ids: [id] });
    const analyst = permissionsOf('analyst');
    const some = guarded.filter(({ permission }) => !analyst.has(permission ?? '') && permission !== 'users:read');
    expect(some.length).toBeGreaterThan(5);
    await tryAll('an administrator’s key for one data source', some, async (operation) =>
      refusal(await send(scene.attackOn(operation), { 'x-api-key': key }), 403, 'forbidden'),
    );
  });

  it('is not had by naming somebody else’s ids in the query or the body', async () => {
    const { stranger } = scene;
    const named = guarded.filter(
      (operation) => scene.idsInQuery(operation) !== null || scene.idsInBody(operation).length > 0,
    );
    expect(named.length).toBeGreaterThan(2);
    await tryAll('somebody else’s ids in query or body', named, async (operation) => {
      const sendNaming = async (id?: number): Promise<Reply> => {
        const request = scene.attackOn(operation);
        const query = scene.idsInQuery(operation, id);
        const body = operation.body === undefined ? request.body : scene.bodyOf(operation, stranger, id);
        return send(
          { ...request, body, target: query === null ? request.target : `${request.target}?${query}` },
          bearer(stranger),
        );
      };
      const [theirs, nobodys] = [await sendNaming(), await sendNaming(MISSING_ID)];
      if (theirs.status !== nobodys.status)
        return `answers ${theirs.status}, and ${nobodys.status} for what nobody has`;
      if (theirs.status >= 400 && told(theirs) !== told(nobodys)) return `says ${told(theirs)}, and ${told(nobodys)}`;
      return leak(theirs);
    });
  });

  it('has left what it was after as it was', async () => {
    const after = await scene.stored.belongingsOf(scene.victim.id);
    // The keys of the victim that were tried, and the source that one of them is for, have come since.
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
    const session = await new Client(serverUrl()).post<{ refresh_token: string }>('/auth/refresh', {
      refresh_token: scene.refreshToken,
    });
    expect(session.status).toBe(200);
    scene.refreshToken = session.body.refresh_token;
  });

  /** Whether a change, or a look at data, has left nothing in the audit trail. */
  const unrecorded = async ({ name, method }: Operation, headers: Headers): Promise<string | null> => {
    if ((method === 'GET' && !SHOWS_DATA.has(name)) || CHANGES_NOTHING.has(name)) return null;
    const rows = await scene.stored.rows('SELECT 1 FROM audit_trails WHERE request_id = $1', [
      headers.get('x-request-id'),
    ]);
    return rows.length > 0 ? null : 'is not in the audit trail';
  };

  it('is given to who may, and recorded: every attack was a request that is good from the right person', async () => {
    await tryAll('who may', guarded, async (operation) => {
      const doer = await scene.doerOf(operation);
      const { status, text, headers } = await send(await scene.requestFor(operation, doer), bearer(doer));
      if (REACHES_OUT.has(operation.name) && text.includes('source_address_not_allowed')) return null;
      if (status >= 200 && status < 300) return unrecorded(operation, headers);
      return `answers ${status}: ${text.slice(0, 300)} (if the request is not good, give test/support/scene.ts a body for it)`;
    });
  });
});

/** These give out rows, or values of rows. */
const SHOWS_DATA = new Set([
  'GET /conversations/{id}/messages',
  'GET /conversations/{id}/messages/{message_id}',
  'GET /conversations/{id}/messages/{message_id}/events',
  'GET /exports/{id}/download',
  'GET /insights/{id}',
  'GET /queries/{id}/insights',
  'GET /data-sources/{id}/schema',
  'GET /data-sources/{id}/tables/{table}/preview',
  'GET /queries/{id}',
  'GET /queries/{id}/result',
  'GET /queries/{id}/chart',
  'GET /dashboards/{id}/render',
  'GET /charts/{id}/render',
  'GET /audit-trails',
]);

/** These leave what is stored as it is: always, or with the same roles, the same state, a query that has ended. */
const CHANGES_NOTHING = new Set([
  'POST /prompt-templates/{id}/render',
  'POST /data-sources/{id}/test',
  'POST /data-sources/{id}/refresh',
  'POST /evaluations/runs/{id}/cancel',
  'POST /queries/{id}/cancel',
  'PUT /users/{id}/roles',
  'PATCH /admin/users/{id}',
]);

/** What is wrong about a refusal; null when it is the expected one. */
function refusal({ status, text }: Reply, expected: number, code: string): string | null {
  const problem = status >= 400 && text.startsWith('{') ? (JSON.parse(text) as Problem) : undefined;
  if (status === expected && problem?.code === code) return null;
  return `answers ${status} ${problem?.code ?? text.slice(0, 200)} instead of ${expected} ${code}`;
}

/** All that an answer says, but for what names the request. */
function told({ status, text, headers }: Reply): string {
  const { request_id: _, instance: __, ...rest } = JSON.parse(text) as Problem;
  return JSON.stringify([status, [...headers.keys()].sort(), rest]);
}

function moreThan(fields: readonly string[], { status, text }: Reply): string | null {
  if (status !== 200) return `answers ${status}`;
  const more = Object.keys(JSON.parse(text) as object).filter((field) => !fields.includes(field));
  return more.length === 0 ? null : `shows ${more.join(', ')} of somebody else`;
}
