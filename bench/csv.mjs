/** Streaming a large result: as CSV against DuckDB's own COPY of the same rows to a CSV file, and in the other formats. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inMegabytes, inMilliseconds, median, timed } from './numbers.mjs';
import { memoryGrowth, signUp, startServer } from './server.mjs';
import { bareConnection, sqlText, WIDE_ROWS } from './wide-csv.mjs';
import { uploadCsv } from './wide-source.mjs';

const ROUNDS = 3;
const LEAST_SPEED = 0.5;
const MOST_BYTES = 150e6;
const MOST_FIRST_MS = 500;

/** @param {import('./run.mjs').Bench} bench */
export async function measureCsv(bench) {
  const path = await bench.wideCsv();
  const server = await startServer(join(bench.folder, 'csv'));
  const bare = await bareConnection();
  try {
    const { token, call } = await signUp(server.url);
    const source = await uploadCsv({ url: server.url, token, path, name: 'wide' });
    const { tables } = await call('GET', `/data-sources/${source.id}/schema`);
    const sql = `SELECT * FROM "${tables[0].name}"`;
    const query = await finished(
      call,
      await call('POST', '/queries?wait=30', { data_source_id: source.id, sql, max_rows: WIDE_ROWS }),
    );
    const parquet = join(bench.folder, 'csv.parquet');
    await bare.run(`COPY (FROM read_csv(${sqlText(path)})) TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
    const [copies, streams, growths] = [[], [], []];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const out = join(bench.folder, 'bare.csv');
      copies.push(
        await timed(() =>
          bare.run(`COPY (FROM read_parquet(${sqlText(parquet)})) TO ${sqlText(out)} (FORMAT csv, HEADER)`),
        ),
      );
      await rm(out);
      let elapsed = 0;
      growths.push(
        await memoryGrowth(server.pid, async () => {
          elapsed = await timed(() => readCsv(`${server.url}/api/v1/queries/${query.id}/result?format=csv`, token));
        }),
      );
      streams.push(elapsed);
      bench.say(`round ${round}: COPY TO ${inMilliseconds(copies.at(-1))}, stream ${inMilliseconds(elapsed)}`);
    }
    const others = [];
    for (const format of ['ndjson', 'arrow']) {
      let elapsed = 0;
      let read = { bytes: 0, firstMs: 0 };
      const growth = await memoryGrowth(server.pid, async () => {
        elapsed = await timed(async () => {
          read = await readAll(`${server.url}/api/v1/queries/${query.id}/result?format=${format}`, token);
        });
      });
      bench.say(`${format}: ${inMegabytes(read.bytes)} in ${inMilliseconds(elapsed)}`);
      others.push(
        {
          what: `First byte of ${format} of 1,000,000 rows`,
          measured: `${inMilliseconds(read.firstMs)} of ${inMilliseconds(elapsed)}`,
          target: `< ${inMilliseconds(MOST_FIRST_MS)}`,
          ok: read.firstMs < MOST_FIRST_MS,
        },
        {
          what: `Memory growth of a stream of ${format}`,
          measured: inMegabytes(growth),
          target: `< ${inMegabytes(MOST_BYTES)}`,
          ok: growth < MOST_BYTES,
        },
      );
    }
    const speed = median(copies) / median(streams);
    const growth = Math.max(...growths);
    return [
      {
        what: 'CSV of 1,000,000 rows, speed to COPY TO',
        measured: `${(speed * 100).toFixed(0)}% (${inMilliseconds(median(streams))} to ${inMilliseconds(median(copies))})`,
        target: `≥ ${LEAST_SPEED * 100}%`,
        ok: speed >= LEAST_SPEED,
      },
      {
        what: 'Memory growth of a CSV stream',
        measured: inMegabytes(growth),
        target: `< ${inMegabytes(MOST_BYTES)}`,
        ok: growth < MOST_BYTES,
      },
      ...others,
    ];
  } finally {
    bare.closeSync();
    await server.stop();
  }
}

async function finished(call, query) {
  let current = query;
  while (current.status === 'pending' || current.status === 'running') {
    await new Promise((done) => setTimeout(done, 200));
    current = await call('GET', `/queries/${query.id}`);
  }
  if (current.status !== 'succeeded') throw new Error(`the query ${current.status}: ${JSON.stringify(current.error)}`);
  return current;
}

/** Reads the stream to its end and counts the lines; no value of the file holds a line end. */
async function readCsv(url, token) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the result answered ${response.status}: ${await response.text()}`);
  let lines = 0;
  for await (const chunk of response.body) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  if (lines !== WIDE_ROWS + 1) throw new Error(`the CSV has ${lines} lines, not ${WIDE_ROWS + 1}`);
}

/** Reads a stream to its end. */
async function readAll(url, token) {
  const started = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the result answered ${response.status}: ${await response.text()}`);
  let [bytes, firstMs] = [0, 0];
  for await (const chunk of response.body) {
    if (bytes === 0) firstMs = performance.now() - started;
    bytes += chunk.length;
  }
  return { bytes, firstMs };
}
