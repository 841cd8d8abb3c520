/** Whether a request can set what is not its to set: every body of the OpenAPI document, with fields that it does not have. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, serverUrl } from './support/client.js';
import { TRIPS } from './support/data.js';
import { type Operation, readOperations, type Schema } from './support/operations.js';
import { type Request, Scene, send, SWITCHED_OFF } from './support/scene.js';
import { eachOf, Tally } from './support/tally.js';

/** A number and a time that nothing else here is: found anywhere in the database, they were stored. */
const STRANGE_NUMBER = 1_987_654_321;
const STRANGE_TIME = '1987-06-05T04:03:02.000Z';

describe('fields that a request does not have', () => {
  const tally = new Tally('Mass assignment: attempts and findings');
  /** As a text that is nowhere else. */
  const strange = `strange-${randomUUID()}`;
  let scene: Scene;
  let operations: Operation[];
  let accomplice: Account;
  let before: string[];
  let standing: string[];
  let ignored = 0;

  beforeAll(async () => {
    scene = await Scene.open();
    operations = (await readOperations()).filter(({ body, takesFiles }) => body !== undefined || takesFiles);
    accomplice = await newAccount();
    before = await scene.stored.belongingsOf(accomplice.id);
    standing = await standingOf(scene);
  });

  afterAll(async () => {
    tally.print();
    process.stdout.write(`  Refused: ${tally.total - ignored}. Ignored: ${ignored}.\n\n`);
    await scene.close();
  });

  /** What somebody would set who wanted more than they are given. */
  const wanted = (): Record<string, unknown> => {
    const fields: Record<string, unknown> = {
      id: STRANGE_NUMBER,
      user_id: accomplice.id,
      owner: accomplice.id,
      owner_id: accomplice.id,
      created_by: accomplice.id,
      assigned_by: accomplice.id,
      user: { id: accomplice.id },
      role: 'admin',
      role_id: 1,
      roles: ['admin'],
      user_roles: [{ role_id: 1 }],
      is_admin: true,
      is_active: false,
      permissions: ['*'],
      scopes: ['*'],
      data_source_ids: null,
      allowed_ips: [],
      token_version: STRANGE_NUMBER,
      version: STRANGE_NUMBER,
      row_count: STRANGE_NUMBER,
      max_rows: STRANGE_NUMBER,
      timeout_ms: STRANGE_NUMBER,
      created_at: STRANGE_TIME,
      updated_at: STRANGE_TIME,
      last_login_at: STRANGE_TIME,
      expires_at: STRANGE_TIME,
      revoked_at: STRANGE_TIME,
      username: strange,
      email: `${strange}@example.com`,
      password: strange,
      password_hash: strange,
      key_hash: strange,
      prefix: strange,
      status: strange,
      type: strange,
      origin: strange,
      location: strange,
      result_location: strange,
      generated_sql: strange,
      receipt: { note: strange },
    };
    return fields;
  };

  /** Every name as it is on the wire, and as entities have it. */
  const inBothSpellings = (fields: Record<string, unknown>): Record<string, unknown> => {
    const camel = Object.entries(fields).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]);
    return { ...fields, ...(Object.fromEntries(camel) as Record<string, unknown>) };
  };

  /** The prototype of all objects, on the ways that are known into it. Text, because these are no fields in JavaScript. */
  const pollutions = (): [string, string][] => {
    const more = JSON.stringify({ isActive: false, role: 'admin', roles: ['admin'], note: strange });
    return [
      ['__proto__', `"__proto__": ${more}`],
      ['constructor', `"constructor": ${more}`],
      ['constructor.prototype', `"constructor": {"prototype": ${more}}`],
      ['toString', `"toString": "${strange}"`],
      ['hasOwnProperty', `"hasOwnProperty": "${strange}"`],
      ['toJSON', `"toJSON": "${strange}"`],
      ['prototype', `"prototype": ${more}`],
    ];
  };

  /** The body as text, once for every field that is put into it, at every level that has fields. */
  const spoiled = (body: Record<string, unknown>, schema: Schema): [string, string][] => {
    const asText = (fields: Record<string, unknown>): [string, string][] =>
      Object.entries(fields).map(([name, value]) => [name, `${JSON.stringify(name)}: ${JSON.stringify(value)}`]);
    const atTheTop = [...asText(inBothSpellings(wanted())), ...pollutions()];
    const below = [...asText(wanted()), ...pollutions()];
    return levelsOf(schema).flatMap(({ path, properties }) =>
      (path.length === 0 ? atTheTop : below)
        .filter(([name]) => !(name in properties))
        .flatMap(([name, field]): [string, string][] => {
          const text = withField(body, path, field);
          return text === null ? [] : [[[...path, name].join('.'), text]];
        }),
    );
  };

  const headersOf = ({ client }: Account): Record<string, string> => ({
    authorization: `Bearer ${client.token ?? ''}`,
  });

  it('are refused or ignored, one by one, at every level of every body', async () => {
    const tries: { operation: Operation; request: Request; headers: Record<string, string>; way: string }[] = [];
    for (const operation of operations.filter(({ body }) => body !== undefined)) {
      const doer = await scene.doerOf(operation);
      const request = await scene.requestFor(operation, doer);
      for (const [way, body] of spoiled(request.body as Record<string, unknown>, operation.body ?? {})) {
        const headers = operation.permission === null ? {} : headersOf(doer);
        tries.push({ operation, way, headers, request: { ...request, body } });
      }
    }
    expect(tries.length).toBeGreaterThan(1000);
    await eachOf(tries, async ({ operation, way, request, headers }) => {
      const { status, text } = await send(request, headers);
      // The request must come as far as to its fields, unless its refresh token is an example, or an ignored field has let
      // an earlier one end the session.
      const mayBe401 = operation.permission === null || scene.endsSessions(operation);
      const isOff = status === 404 && SWITCHED_OFF.has(operation.name);
      const isElsewhere = (!isOff && [403, 404].includes(status)) || (status === 401 && !mayBe401);
      const isHandled = status < 500 && !isElsewhere;
      if (status < 300) ignored += 1;
      tally.count(operation.name, isHandled ? null : `with ${way} answers ${status} ${text.slice(0, 200)}`);
    });
    expect(tally.findings).toEqual([]);
  }, 180_000);

  it('are refused or ignored in the parts of an upload and its options', async () => {
    const known = tally.findings.length;
    const fields = Object.entries(wanted());
    for (const operation of operations.filter(({ takesFiles }) => takesFiles)) {
      const doer = await scene.doerOf(operation);
      const { body: _, ...request } = scene.attackOn(operation);
      await eachOf(
        [...fields.map((one) => ({ one, inOptions: false })), ...fields.map((one) => ({ one, inOptions: true }))],
        async ({ one: [name, value], inOptions }) => {
          const form = new FormData();
          if (inOptions) form.append('options', JSON.stringify({ [name]: value }));
          else form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
          form.append('file', new Blob([TRIPS]), 'trips.csv');
          const { status, text } = await send({ ...request, body: form }, headersOf(doer));
          const isHandled = status < 300 || [400, 409, 422].includes(status);
          if (status < 300) ignored += 1;
          tally.count(operation.name, isHandled ? null : `with ${name} answers ${status} ${text.slice(0, 200)}`);
        },
      );
    }
    expect(tally.findings.slice(known)).toEqual([]);
  }, 180_000);

  it('are stored nowhere', async () => {
    for (const text of [strange, String(STRANGE_NUMBER), STRANGE_TIME.slice(0, 10)]) {
      expect([text, await scene.stored.tablesHolding(text)]).toEqual([text, []]);
    }
  });

  it('give nobody anything, and take nothing from who sends them', async () => {
    expect(await scene.stored.belongingsOf(accomplice.id)).toEqual(before);
    expect(await standingOf(scene)).toEqual(standing);
  });

  it('are not remembered by the server, which goes on for everybody', async () => {
    const response = await fetch(`${serverUrl()}/health/ready`);
    expect(response.status).toBe(200);
    const me = await scene.victim.client.get<Record<string, unknown>>('/auth/me');
    expect([me.status, me.body['roles'], me.body['is_active'], 'note' in me.body]).toEqual([
      200,
      ['analyst'],
      true,
      false,
    ]);
  });
});

/** Who the people of the scene are and what they may do, which no request here is about. */
async function standingOf({ stored, victim, stranger, admin }: Scene): Promise<string[]> {
  const people = [victim.id, stranger.id, admin.id];
  const rows = await stored.rows<{ line: string }>(
    `SELECT concat_ws(' ', u.id, u.username, u.email, u.is_active, u.token_version, u.created_at, u.password_hash,
                      (SELECT string_agg(concat_ws(':', r.name, r.permissions, ur.assigned_by), ',' ORDER BY r.name)
                       FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id)) AS line
     FROM users u WHERE u.id = ANY($1) ORDER BY u.id`,
    [people],
  );
  return rows.map(({ line }) => line);
}

/** The objects of a body: the way to each (through the first item of arrays), and the fields that it has. */
function levelsOf(schema: Schema, path: string[] = []): { path: string[]; properties: Record<string, Schema> }[] {
  if (schema.items !== undefined) return levelsOf(schema.items, [...path, '0']);
  const { properties } = schema;
  if (properties === undefined) return [];
  const inner = Object.entries(properties).flatMap(([name, field]) => levelsOf(field, [...path, name]));
  return [{ path, properties }, ...inner];
}

/** The body as JSON with a field more in one of its objects; null when there is no such object in it. */
function withField(body: unknown, path: readonly string[], field: string): string | null {
  const mark = 'here-goes-the-field';
  const copy = structuredClone(body) as Record<string, unknown>;
  let place: unknown = copy;
  for (const name of path) place = isObject(place) ? place[name] : undefined;
  if (!isObject(place)) return null;
  place[mark] = true;
  return JSON.stringify(copy).replace(`"${mark}":true`, () => field);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
