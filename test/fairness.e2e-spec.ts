import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

const PEOPLE = 8;
const QUERIES_OF_EACH = 8;
const HEAVY = 40;
/** On a machine with much else to do. */
const PATIENCE_MS = 240_000;

interface Person extends Account {
  source: number;
}

/** The value below which so much of all lie. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

describe('64 short queries at the same time', () => {
  let server: TestServer;
  let heavy: Person;
  let people: Person[];

  const newPerson = async (): Promise<Person> => {
    const account = await newAccount(server.url);
    const { id } = await newSource(account.client, { 'numbers.csv': numbers(1000) });
    return { ...account, source: id };
  };

  beforeAll(async () => {
    // One thread for each, so that a run takes no more of the machine than another.
    server = await startServer({ QUERY_THREADS: '1' });
    heavy = await newPerson();
    people = [];
    for (let count = 0; count < PEOPLE; count += 1) people.push(await newPerson());
  }, PATIENCE_MS);

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const short = async ({ client, source }: Person, n: number): Promise<number> => {
    const started = performance.now();
    const sql = `SELECT sum(n * ${n}) AS total FROM numbers`;
    const { body } = await client.post<Query>('/queries?wait=30', { data_source_id: source, sql });
    expect(body).toMatchObject({ status: 'succeeded', rows: [[499_500 * n]] });
    return performance.now() - started;
  };
  const allAtOnce = async (round: number): Promise<number[]> => {
    const asked = people.flatMap((person) =>
      Array.from({ length: QUERIES_OF_EACH }, (_, n) => short(person, round * 100 + n)),
    );
    return (await Promise.all(asked)).toSorted((a, b) => a - b);
  };

  it(
    'starve nobody: the slowest of a hundred takes at most eight times as long as half of them',
    async () => {
      await short(people[0] ?? heavy, 1);
      const times = await allAtOnce(2);
      expect(quantile(times, 0.99)).toBeLessThanOrEqual(8 * quantile(times, 0.5));
    },
    PATIENCE_MS,
  );

  it(
    'are not starved by one person who has far more and far longer ones running and waiting',
    async () => {
      const { client, source } = heavy;
      const flood = await Promise.all(
        Array.from({ length: HEAVY }, () =>
          client.post<Query>('/queries?wait=0', { data_source_id: source, sql: ENDLESS_SQL }),
        ),
      );
      const ids = flood.map(({ body }) => body.id);
      const times = await allAtOnce(3);
      expect(quantile(times, 0.99)).toBeLessThanOrEqual(8 * quantile(times, 0.5));
      const states = await Promise.all(ids.map(async (id) => (await client.get<Query>(`/queries/${id}`)).body.status));
      expect(new Set(states)).toEqual(new Set(['running', 'pending']));
      await Promise.all(ids.map((id) => client.post(`/queries/${id}/cancel`)));
    },
    PATIENCE_MS,
  );
});
