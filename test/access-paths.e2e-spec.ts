/** Whether an address can be written so that it leads to a route and past its guard. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverUrl } from './support/client.js';
import { disguised, disguisedIds, overrides } from './support/disguises.js';
import { type Operation, readOperations } from './support/operations.js';
import { exchange, type WireRequest } from './support/raw-http.js';
import { type Request, Scene } from './support/scene.js';
import { eachOf, Tally } from './support/tally.js';

/** What says that a request went no further than the guard; the others come from before it and say nothing. */
const STOPPED = new Set(['unauthenticated', 'route_not_found', 'malformed_request']);
const STOPPED_BY_NODE = new Set([400, 431, 501]);
const OTHER_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'X',
];

describe('disguised requests', () => {
  const tally = new Tally('Disguised requests: attempts and findings');
  let guarded: Operation[];
  let scene: Scene;
  let before: string[];

  beforeAll(async () => {
    guarded = (await readOperations()).filter(({ permission }) => permission !== null);
    scene = await Scene.open();
    before = await scene.stored.belongingsOf(scene.victim.id);
  });

  afterAll(async () => {
    tally.print();
    await scene.close();
  });

  const bearer = (token: string | undefined): Record<string, string> => ({ authorization: `Bearer ${token ?? ''}` });
  const attempts = function* (
    some: readonly Operation[],
    ways: (request: Request) => Record<string, string>,
  ): Generator<{ operation: Operation; way: string; wire: WireRequest }> {
    for (const operation of some) {
      const request = scene.attackOn(operation);
      const { body } = request;
      for (const [way, target] of Object.entries(ways(request))) {
        const isJson = body !== undefined && !(body instanceof FormData);
        const wire = { method: request.method, target, ...(isJson ? { body: JSON.stringify(body) } : {}) };
        yield { operation, way, wire };
      }
    }
  };
  const tryEach = async (
    what: string,
    tries: Iterable<{ operation: Operation; way: string; wire: WireRequest }>,
    judge: (status: number, text: string, wire: WireRequest) => string | null,
  ): Promise<void> => {
    const known = tally.findings.length;
    await eachOf([...tries], async ({ operation, way, wire }) => {
      const { status, text } = await exchange(serverUrl(), wire);
      const finding = judge(status, text, wire);
      tally.count(what, finding === null ? null : `${operation.name} with ${way} (${wire.target}) ${finding}`);
    });
    expect(tally.findings.slice(known)).toEqual([]);
  };

  /** Nobody is let in, and no answer comes from behind the guard. */
  const mustBeStopped = (status: number, text: string, { method }: WireRequest): string | null => {
    if (text.includes(scene.marker)) return `answers ${status} with what is the victim’s`;
    if (status === 0 || STOPPED_BY_NODE.has(status)) return null;
    if (method === 'HEAD' && text === '') return [401, 404].includes(status) ? null : `answers ${status}`;
    return STOPPED.has(codeOf(text)) ? null : `answers ${status} ${text.slice(0, 200)}`;
  };

  /** A stranger may get to a route, but not to the row. */
  const mustNotFind = (status: number, text: string): string | null => {
    if (text.includes(scene.marker)) return `answers ${status} with what is the victim’s`;
    return status < 200 || (status >= 300 && status < 500) ? null : `answers ${status} ${text.slice(0, 200)}`;
  };

  it('reach a route in some disguises, so that it is the guard which stops the others', async () => {
    const headers = bearer(scene.victim.client.token);
    const reached = new Set<string>();
    const [operation] = guarded.filter(({ name }) => name === 'GET /data-sources/{id}');
    const tries = attempts(operation === undefined ? [] : [operation], ({ target }) => disguised(target, serverUrl()));
    for (const { way, wire } of tries) {
      const { status, text } = await exchange(serverUrl(), { ...wire, headers });
      if (status === 200 && text.includes(scene.marker)) reached.add(way);
    }
    expect([...reached].sort()).toEqual(
      expect.arrayContaining(['all letters encoded', 'empty query', 'first letter encoded']),
    );
  });

  it('are stopped without a token, whatever is done to the path', async () => {
    await tryEach(
      'paths, without a token',
      attempts(guarded, ({ target }) => disguised(target, serverUrl())),
      mustBeStopped,
    );
  });

  it('are stopped without a token, whatever the method', async () => {
    const tries = OTHER_METHODS.flatMap((method) =>
      [...attempts(guarded, ({ target }) => ({ [`the method ${method}`]: target }))].map(
        ({ operation, way, wire }) => ({
          operation,
          way,
          wire: { ...wire, method },
        }),
      ),
    );
    await tryEach('methods, without a token', tries, mustBeStopped);
  });

  it('are stopped without a token, whatever headers say of another path or method', async () => {
    const tries = guarded.flatMap((operation) =>
      overrides('/health', 'GET').flatMap((headers) =>
        [...attempts([operation], ({ target }) => ({ [Object.keys(headers).join()]: target }))].map((one) => ({
          ...one,
          wire: { ...one.wire, headers },
        })),
      ),
    );
    await tryEach('headers on a guarded route', tries, mustBeStopped);
  });

  it('get no more out of a public route by headers that name another one', async () => {
    const plain = await exchange(serverUrl(), { method: 'GET', target: '/health' });
    const tries = guarded.flatMap((operation) => {
      const { target } = scene.attackOn(operation);
      return overrides(target, operation.method).map((headers) => ({
        operation,
        way: Object.keys(headers).join(),
        wire: { method: 'GET', target: '/health', headers },
      }));
    });
    await tryEach('headers on a public route', tries, (status, text) =>
      status === plain.status && text === plain.text ? null : `answers ${status} ${text.slice(0, 200)}`,
    );
  });

  it('do not lead even its owner to a row whose id is written in another way', async () => {
    const id = String(scene.rows.query);
    const headers = bearer(scene.victim.client.token);
    const found: string[] = [];
    for (const [way, other] of Object.entries({ plain: id, ...disguisedIds(id) })) {
      const { status } = await exchange(serverUrl(), { method: 'GET', target: `/api/v1/queries/${other}`, headers });
      if (status !== 404) found.push(way);
    }
    expect(found).toEqual(['plain', 'encoded id']);
  });

  it('do not lead a stranger to somebody’s row, whatever is done to the path', async () => {
    const headers = bearer(scene.stranger.client.token);
    const some = guarded.filter((operation) => scene.isPrivate(operation));
    const tries = [
      ...attempts(some, ({ target }) => disguised(target, serverUrl())),
      ...attempts(some, ({ target }) => {
        const id = /\d+/.exec(target.slice('/api/v1'.length))?.[0] ?? '';
        const ways = Object.entries(disguisedIds(id));
        return Object.fromEntries(ways.map(([way, other]) => [way, target.replace(`/${id}`, `/${other}`)]));
      }),
    ];
    await tryEach(
      'paths, with a stranger’s token',
      tries.map((one) => ({ ...one, wire: { ...one.wire, headers } })),
      mustNotFind,
    );
  });

  it('have changed nothing', async () => {
    expect(await scene.stored.belongingsOf(scene.victim.id)).toEqual(before);
    expect(tally.total).toBeGreaterThan(4000);
  });
});

function codeOf(text: string): string {
  return text.startsWith('{') ? ((JSON.parse(text) as { code?: string }).code ?? '') : '';
}
