import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createDuckDbGuard, type DuckDbGuard } from '../sql/index.js';
import { changes, type EvaluatedTurn, readSuites, runDatabase, scores } from './index.js';

const QUESTIONS = [
  { id: 'right', question: 'How many towns are there?', expected: [{ columns: ['n'], rows: [[3]], ordered: false }] },
  { id: 'wrong', question: 'List the towns', expected: [{ columns: ['n'], rows: [[3]], ordered: false }] },
  { id: 'none', question: 'How much wood would a woodchuck chuck?', category: 'idle' },
];

let folder: string;
let guard: DuckDbGuard;

async function run(): Promise<EvaluatedTurn[]> {
  const databases = readSuites(join(folder, 'suites'));
  const results = await Promise.all(
    databases.map((database) => runDatabase(database, { guard, folder: join(folder, 'kept'), wants: () => true })),
  );
  return results.flat();
}

beforeAll(async () => {
  guard = await createDuckDbGuard();
  folder = mkdtempSync(join(tmpdir(), 'evaluation-'));
  const home = join(folder, 'suites', 'small', 'atlas');
  mkdirSync(join(home, 'tables'), { recursive: true });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const towns = `SELECT * FROM (VALUES (1, 'Oslo'), (2, 'Bergen'), (3, 'Hamar')) AS towns(town_id, name)`;
  await connection.run(`COPY (${towns}) TO '${join(home, 'tables', 'towns.parquet')}' (FORMAT parquet)`);
  const columns = [{ name: 'town_id' }, { name: 'name', description: 'what people call it' }];
  const schema = { tables: [{ name: 'towns', columns, primary_key: ['town_id'] }], relationships: [] };
  writeFileSync(join(home, 'schema.json'), JSON.stringify(schema));
  writeFileSync(join(home, 'questions.jsonl'), QUESTIONS.map((question) => JSON.stringify(question)).join('\n'));
  const again = join(folder, 'suites', 'talks', 'atlas');
  mkdirSync(again, { recursive: true });
  writeFileSync(join(again, 'database.json'), JSON.stringify({ tables_of: '../../small/atlas' }));
  const turns = [
    { question: 'What are the names of the towns?', expected: [] },
    { question: 'How many towns are there?', expected: [{ columns: ['n'], rows: [['3']], ordered: false }] },
  ];
  writeFileSync(join(again, 'dialogues.jsonl'), JSON.stringify({ id: 'talk', turns }));
});

afterAll(() => {
  guard.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('running suites', () => {
  it('scores answers by their result, and what cannot be answered by its being withheld', async () => {
    expect(scores(await run())).toMatchObject([
      {
        name: 'small',
        questions: 3,
        answered: 2,
        correct: 1,
        correctOfAll: 0.5,
        correctWhenAnswered: 0.5,
        unanswerable: 1,
        withheld: 1,
      },
      { name: 'talks', questions: 1, answered: 1, correct: 1 },
    ]);
  });

  it('gives the same from what is kept of an earlier run, and tells what changed', async () => {
    const turns = await run();
    expect(changes(await run(), turns)).toEqual([]);
    const before = turns.map((turn) => (turn.id === 'right' ? { ...turn, correct: false } : turn));
    expect(changes(before, turns)).toEqual([
      { id: 'right', question: 'How many towns are there?', before: 'wrong', after: 'right' },
    ]);
  });
});
