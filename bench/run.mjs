/**
 * `npm run bench` measures speed and memory, each as a ratio to the bare library within the same run, and prints what was
 * measured beside its target. `npm run bench -- upload csv` runs some of the measures. It ends with code 1 when one falls short.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWhenNeeded } from '../bin/build.mjs';
import { measureAccount } from './account.mjs';
import { measureAggregate } from './aggregate.mjs';
import { measureCsv } from './csv.mjs';
import { measureDuckDb } from './duckdb.mjs';
import { measureGuard } from './guard.mjs';
import { measureHistory } from './history.mjs';
import { measureListings } from './listings.mjs';
import { measureManyTables } from './many-tables.mjs';
import { measureMySql } from './mysql.mjs';
import { measurePostgres } from './postgres.mjs';
import { measureShortQueries } from './short-queries.mjs';
import { measureStart } from './start.mjs';
import { measureUpload } from './upload.mjs';
import { writeWideCsv } from './wide-csv.mjs';

/**
 * @typedef {object} Result one line of the table
 * @property {string} what
 * @property {string} measured
 * @property {string} target
 * @property {boolean} ok
 */

/**
 * @typedef {object} Bench what every measure is given
 * @property {string} folder for its files; removed at the end
 * @property {() => Promise<string>} wideCsv path of the CSV of 1,000,000 rows and 12 columns, written when first asked for
 * @property {(text: string) => void} say tells the reader what is going on
 */

/** @type {Record<string, (bench: Bench) => Promise<Result[]>>} */
const MEASURES = {
  account: measureAccount,
  upload: measureUpload,
  aggregate: measureAggregate,
  csv: measureCsv,
  duckdb: measureDuckDb,
  guard: measureGuard,
  tables: measureManyTables,
  postgres: measurePostgres,
  history: measureHistory,
  listings: measureListings,
  mysql: measureMySql,
  short: measureShortQueries,
  start: measureStart,
};

async function main() {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in MEASURES));
  if (unknown.length > 0) {
    process.stderr.write(`There is no measure "${unknown[0]}". There are: ${Object.keys(MEASURES).join(', ')}.\n`);
    return 2;
  }
  buildWhenNeeded();
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  try {
    let wide;
    const bench = {
      folder,
      say: (text) => process.stdout.write(`  ${text}\n`),
      wideCsv: () => (wide ??= writeWideCsv(join(folder, 'wide.csv'))),
    };
    const results = [];
    for (const name of asked.length > 0 ? asked : Object.keys(MEASURES)) {
      process.stdout.write(`${name}\n`);
      results.push(...(await attempt(name, () => MEASURES[name](bench))));
    }
    print(results);
    return results.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A measure that fails is a line of the table, so that the others are still made. */
async function attempt(name, measure) {
  try {
    return await measure();
  } catch (error) {
    process.stderr.write(`  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return [{ what: name, measured: 'failed', target: 'to run', ok: false }];
  }
}

/** @param {Result[]} results */
function print(results) {
  const lines = results.map(({ what, measured, target, ok }) => [what, measured, target, ok ? 'pass' : 'falls short']);
  const rows = [['Measure', 'Measured', 'Target', ''], ...lines];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const text = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(
    `\n${[text[0], widths.map((width) => '─'.repeat(width)).join('──'), ...text.slice(1)].join('\n')}\n`,
  );
}

process.exitCode = await main();
