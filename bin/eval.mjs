/**
 * `npm run eval -- --suite DIR`: asks every question of the suites in a folder and prints how many were answered, and
 * how many of the answers were right.
 *
 *   --only A,B         only these databases or categories      --except A,B   all but these
 *   --json FILE        writes every question with what came of it
 *   --compare FILE     lists what came out differently in such a file of an earlier run
 *   --least 65/88      ends with code 1 when a suite has fewer % right of all, or of those answered
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhenNeeded } from './build.mjs';

const { values: options } = parseArgs({
  options: {
    suite: { type: 'string' },
    only: { type: 'string', default: '' },
    except: { type: 'string', default: '' },
    json: { type: 'string' },
    compare: { type: 'string' },
    least: { type: 'string' },
  },
});
if (options.suite === undefined) {
  console.error('Say which folder of suites to run: npm run eval -- --suite DIR');
  process.exit(2);
}
buildWhenNeeded();
const { changes, readSuites, runDatabase, scoreOf, scores } = await import('../dist/src/engine/evaluation/index.js');
const { createDuckDbGuard } = await import('../dist/src/engine/sql/index.js');

/** @param {string} list */
const namesOf = (list) => new Set(list.split(',').filter((name) => name !== ''));
const only = namesOf(options.only);
const except = namesOf(options.except);

/** @type {import('../src/engine/evaluation/index.js').EvaluatedTurn[]} */
const turns = [];
const guard = await createDuckDbGuard();
const folder = join(tmpdir(), 'lumiere-eval');
for (const database of readSuites(options.suite)) {
  const isOnly = only.has(database.name);
  turns.push(
    ...(await runDatabase(database, {
      guard,
      folder,
      wants: ({ category }) =>
        (only.size === 0 || isOnly || only.has(category ?? '')) &&
        !except.has(database.name) &&
        !except.has(category ?? ''),
    })),
  );
}
guard.close();

const table = scores(turns);
const suites = new Set(turns.map(({ suite }) => suite));
if (suites.size > 1) table.push(scoreOf('all', turns));
console.table(Object.fromEntries(table.map((score) => [score.name, rowOf(score)])));
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(turns, null, 1)}\n`);
if (options.compare !== undefined) {
  for (const { id, question, before, after } of changes(JSON.parse(readFileSync(options.compare, 'utf8')), turns)) {
    console.log(`${before} → ${after}\t${id}\t${question}`);
  }
}
if (options.least !== undefined) {
  const [ofAll = 0, whenAnswered = 0] = options.least.split('/').map((percent) => Number(percent) / 100);
  const short = table.filter(
    (score) =>
      suites.has(score.name) && ((score.correctOfAll ?? 1) < ofAll || (score.correctWhenAnswered ?? 1) < whenAnswered),
  );
  for (const { name } of short) console.error(`${name} falls short of ${options.least} %.`);
  if (short.length > 0) process.exitCode = 1;
}

/** @param {import('../src/engine/evaluation/index.js').Score} score */
function rowOf(score) {
  return {
    questions: score.questions,
    answered: score.answered,
    correct: score.correct,
    'correct of all': percent(score.correctOfAll),
    'when answered': percent(score.correctWhenAnswered),
    'asked back': score.clarifications === 0 ? '' : `${score.clarifications} (${score.helpful} help)`,
    abstained: score.abstentions,
    withheld: score.unanswerable === 0 ? '' : `${score.withheld} of ${score.unanswerable}`,
    ties: score.apart.questions === 0 ? '' : `${score.apart.correct} of ${score.apart.questions}`,
    'p50 ms': score.p50Ms.toFixed(1),
    'p99 ms': score.p99Ms.toFixed(1),
  };
}

/** @param {number | null} share */
function percent(share) {
  return share === null ? '' : `${(share * 100).toFixed(1)} %`;
}
