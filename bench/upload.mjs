/** Uploading a large CSV file, against DuckDB's own COPY of that file to Parquet. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inMegabytes, inMilliseconds, median, timed } from './numbers.mjs';
import { memoryGrowth, signUp, startServer } from './server.mjs';
import { bareConnection, sqlText, WIDE_ROWS } from './wide-csv.mjs';
import { uploadCsv } from './wide-source.mjs';

const ROUNDS = 3;
const MOST_TIMES = 1.5;
const MOST_BYTES = 300e6;

/** @param {import('./run.mjs').Bench} bench */
export async function measureUpload(bench) {
  const path = await bench.wideCsv();
  const server = await startServer(join(bench.folder, 'upload'));
  try {
    const { token, call } = await signUp(server.url);
    const [copies, uploads, growths] = [[], [], []];
    for (let round = 1; round <= ROUNDS; round += 1) {
      copies.push(await timed(() => copyToParquet(path, join(bench.folder, 'bare.parquet'))));
      let source;
      let elapsed = 0;
      growths.push(
        await memoryGrowth(server.pid, async () => {
          elapsed = await timed(async () => {
            source = await uploadCsv({ url: server.url, token, path, name: `wide ${round}` });
          });
        }),
      );
      uploads.push(elapsed);
      if (source.row_count !== WIDE_ROWS) throw new Error(`the source has ${source.row_count} rows`);
      await call('DELETE', `/data-sources/${source.id}`);
      bench.say(`round ${round}: COPY ${inMilliseconds(copies.at(-1))}, upload ${inMilliseconds(elapsed)}`);
    }
    const times = median(uploads) / median(copies);
    const growth = Math.max(...growths);
    return [
      {
        what: 'Upload of 1,000,000 rows, to COPY',
        measured: `${times.toFixed(2)}× (${inMilliseconds(median(uploads))} to ${inMilliseconds(median(copies))})`,
        target: `≤ ${MOST_TIMES}×`,
        ok: times <= MOST_TIMES,
      },
      {
        what: 'Memory growth of an upload',
        measured: inMegabytes(growth),
        target: `< ${inMegabytes(MOST_BYTES)}`,
        ok: growth < MOST_BYTES,
      },
    ];
  } finally {
    await server.stop();
  }
}

async function copyToParquet(csv, parquet) {
  const connection = await bareConnection();
  await connection.run(
    `COPY (FROM read_csv(${sqlText(csv)})) TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  await rm(parquet);
}
