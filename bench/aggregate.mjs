/** What a query costs beside the query itself, and what reading a question costs. */
import { join } from 'node:path';
import { inMilliseconds, median, quantile, timed } from './numbers.mjs';
import { signUp, startServer } from './server.mjs';
import { QUESTIONS, tenTables } from './ten-tables.mjs';
import { bareConnection, sqlText } from './wide-csv.mjs';
import { uploadCsv } from './wide-source.mjs';

const ROUNDS = 15;
const MOST_EXTRA_MS = 25;
const MOST_QUESTION_MS = 20;

/** @param {import('./run.mjs').Bench} bench */
export async function measureAggregate(bench) {
  return [await measureQuery(bench), await measureQuestion(bench)];
}

async function measureQuery(bench) {
  const path = await bench.wideCsv();
  const server = await startServer(join(bench.folder, 'aggregate'));
  const bare = await bareConnection();
  try {
    const { token, call } = await signUp(server.url);
    const source = await uploadCsv({ url: server.url, token, path, name: 'wide' });
    const { tables } = await call('GET', `/data-sources/${source.id}/schema`);
    const parquet = join(bench.folder, 'aggregate.parquet');
    await bare.run(`COPY (FROM read_csv(${sqlText(path)})) TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
    const [direct, asked] = [[], []];
    // The first two rounds warm both up. Every round asks for something else, so that no answer is a kept one.
    for (let round = 0; round < ROUNDS + 2; round += 1) {
      const bareMs = await timed(() => bare.runAndReadAll(statement(`read_parquet(${sqlText(parquet)})`, round)));
      let query;
      const askedMs = await timed(async () => {
        const sql = statement(`"${tables[0].name}"`, round);
        query = await call('POST', '/queries?wait=30', { data_source_id: source.id, sql });
      });
      if (query.status !== 'succeeded') throw new Error(`the query ${query.status}: ${JSON.stringify(query.error)}`);
      if (round < 2) continue;
      direct.push(bareMs);
      asked.push(askedMs);
    }
    const extra = median(asked) - median(direct);
    bench.say(`bare ${inMilliseconds(median(direct))}, over HTTP ${inMilliseconds(median(asked))}`);
    return {
      what: 'Grouped aggregate, more than bare DuckDB',
      measured: `${inMilliseconds(extra)} (${inMilliseconds(median(asked))} to ${inMilliseconds(median(direct))})`,
      target: `≤ ${MOST_EXTRA_MS} ms`,
      ok: extra <= MOST_EXTRA_MS,
    };
  } finally {
    bare.closeSync();
    await server.stop();
  }
}

function statement(table, round) {
  return `SELECT country, channel, count(*) AS orders, sum(quantity * unit_price) AS revenue FROM ${table}
          WHERE quantity * 1000 > ${round} GROUP BY country, channel ORDER BY revenue DESC`;
}

async function measureQuestion(bench) {
  const { answerQuestion } = await import('../dist/src/engine/text-to-sql/index.js');
  const catalog = tenTables();
  const now = new Date(Date.UTC(2026, 0, 15));
  const read = (question) => answerQuestion({ question, catalog, dialect: 'duckdb', now });
  const first = await timed(() => read(QUESTIONS[0]));
  const times = [];
  for (let round = 0; round < 20; round += 1) {
    for (const question of QUESTIONS) times.push(await timed(() => read(question)));
  }
  const answered = QUESTIONS.filter((question) => read(question).kind === 'answer').length;
  bench.say(`${answered} of ${QUESTIONS.length} questions are answered; the first took ${inMilliseconds(first)}`);
  const slow = quantile(times, 0.95);
  return {
    what: 'Question to SQL, 10 tables (95th percentile)',
    measured: `${inMilliseconds(slow)} (median ${inMilliseconds(median(times))})`,
    target: `< ${MOST_QUESTION_MS} ms`,
    ok: slow < MOST_QUESTION_MS && answered > 0,
  };
}
