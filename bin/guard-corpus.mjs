/**
 * `npm run eval:guard -- DIR`: every statement of DIR/attacks.jsonl and DIR/allowed.jsonl through the guard of its dialect,
 * over the tables of DIR/fixture.sql. An attack that is only to be contained may pass the guard when a run of it is stopped by
 * the limits of a connection (`guard-runners.mjs`); where its engine is not installed, it is counted as left to those. It
 * ends with code 1 when anything else passes, or a read is refused.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildWhenNeeded } from './build.mjs';

buildWhenNeeded({ quiet: true });
const guards = await import('../dist/src/engine/sql/index.js');
const { startRunners } = await import('./guard-runners.mjs');

const MAKERS = {
  postgres: guards.createPostgresGuard,
  duckdb: guards.createDuckDbGuard,
  mysql: guards.createMySqlGuard,
  clickhouse: guards.createClickHouseGuard,
  trino: guards.createTrinoGuard,
};

const [, , source] = process.argv;
if (source === undefined) throw new Error('Say where the statements are: npm run eval:guard -- DIR');
const folder = await mkdtemp(join(tmpdir(), 'lumiere-guard-'));
let runners;
try {
  const fixture = await readFixture();
  runners = await startRunners(folder, fixture);
  const attacks = await readLines('attacks.jsonl');
  const allowed = await readLines('allowed.jsonl');
  const failures = [];
  const total = { refused: 0, contained: 0, left: 0, attacks: 0, passed: 0, allowed: 0 };
  for (const [dialect, make] of Object.entries(MAKERS)) {
    const guard = await make();
    const counts = { refused: 0, contained: 0, left: 0, attacks: 0, passed: 0, allowed: 0 };
    for (const attack of attacks.filter((one) => one.dialect === dialect)) {
      counts.attacks += 1;
      const { statement } = await checked(guard, attack, fixture.tables);
      const outcome = statement === undefined ? 'refused' : await contained(attack, statement, runners.of[dialect]);
      if (outcome === 'passed') failures.push(`${attack.id} passed: ${attack.sql}`);
      else counts[outcome] += 1;
    }
    for (const read of allowed.filter((one) => one.dialect === dialect)) {
      counts.allowed += 1;
      const { statement, reason } = await checked(guard, read, fixture.tables);
      if (statement === undefined) failures.push(`${read.id} refused: ${read.sql}\n  ${reason}`);
      else counts.passed += 1;
    }
    guard.close();
    report(dialect, counts);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  report('in total', total);
  for (const failure of failures) console.log(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await runners?.stop();
  await rm(folder, { recursive: true, force: true });
}

function report(name, { refused, contained, left, attacks, passed, allowed }) {
  const others = [
    ...(contained > 0 ? [`${contained} of them by the limits of a connection`] : []),
    ...(left > 0 ? [`${left} left to limits that could not be tried here`] : []),
  ];
  const more = others.length > 0 ? ` (${others.join(', ')})` : '';
  console.log(
    `${name.padEnd(10)}  attacks refused ${refused + contained}/${attacks}${more}, allowed ${passed}/${allowed}`,
  );
}

async function checked(guard, { sql }, tables) {
  try {
    return { statement: await guard.check(sql, { tables }) };
  } catch (error) {
    if (error?.name !== 'EngineError') throw error;
    return { reason: `${error.code}: ${error.message}` };
  }
}

/** What becomes of an attack that passed its guard. */
async function contained({ expect }, { sql }, run) {
  if (expect !== 'contain') return 'passed';
  if (run === undefined) return 'left';
  return (await run(sql)) ? 'contained' : 'passed';
}

async function readLines(name) {
  const text = await readFile(join(source, name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

/** The tables of the fixture; that of events, whose type differs, stands in its comments for PostgreSQL and for the others. */
async function readFixture() {
  const text = await readFile(join(source, 'fixture.sql'), 'utf8');
  const [forPostgres, forDuckDb] = text.match(/CREATE TABLE events\([^;]*;/g) ?? [];
  const rows = /INSERT INTO events [^;]*;/.exec(text)?.[0] ?? '';
  const plain = text.replaceAll(/^--.*$/gm, '');
  const setup = {
    duckdb: [plain, forDuckDb, rows].join('\n'),
    postgres: [plain, forPostgres, rows].join('\n'),
    mysql: [plain, forDuckDb?.replaceAll('timestamptz', 'timestamp'), rows].join('\n'),
  };
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(setup.duckdb);
  const reader = await connection.runAndReadAll(
    'SELECT table_name, list(column_name ORDER BY ordinal_position) FROM information_schema.columns GROUP BY 1',
  );
  const described = /** @type {[string, string[]][]} */ (reader.getRowsJson());
  const tables = described.map(([name, columns]) => ({ name, columns }));
  for (const { name } of tables) await connection.run(`COPY "${name}" TO '${join(folder, `${name}.parquet`)}'`);
  connection.closeSync();
  instance.closeSync();
  return { tables, setup };
}
