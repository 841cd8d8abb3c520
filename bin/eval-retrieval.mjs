/**
 * How well documents are found: takes the corpus of a directory in by the code of the server, on an embedded database of its
 * own or the empty one of DATABASE_URL, asks its questions, and prints nDCG@10, recall and latency. The directory holds `corpus.jsonl` (id, title, text),
 * `queries.jsonl` (id, text) and `qrels.tsv` (query, document, relevance; with a heading). A second argument says how many of the
 * questions to ask.
 */
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import { buildWhenNeeded } from './build.mjs';

buildWhenNeeded();
const built = (/** @type {string} */ path) => import(new URL(`../dist/src/${path}`, import.meta.url).href);
const { AppModule } = await built('app.module.js');
const { loadConfiguration } = await built('platform/config/index.js');
const { EmbeddedPostgres } = await built('platform/database/index.js');
const { readPassages } = await built('engine/retrieval/read-passages.js');
const { Passages } = await built('modules/rag/passages.js');
const { SearchService } = await built('modules/rag/search.service.js');

const DEPTH = 100;

/** @typedef {{ id: string, title?: string, text: string }} Item */

const [directory, most = '1000000'] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('Say where the corpus is: npm run eval:retrieval -- DIR [QUESTIONS]\n');
  process.exit(2);
}
const lines = (/** @type {string} */ name) =>
  readFileSync(join(directory, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const itemsOf = (/** @type {string} */ name) => lines(name).map((line) => /** @type {Item} */ (JSON.parse(line)));

/** @type {Map<string, Map<string, number>>} */
const relevant = new Map();
for (const line of lines('qrels.tsv').slice(1)) {
  const [query = '', document = '', score = '0'] = line.split('\t');
  if (Number(score) > 0) relevant.set(query, (relevant.get(query) ?? new Map()).set(document, Number(score)));
}

const dataDir = mkdtempSync(join(tmpdir(), 'lumiere-eval-'));
const { DATABASE_URL = '' } = process.env;
const configuration = loadConfiguration({
  LUMIERE_DATA_DIR: dataDir,
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  DATABASE_URL,
});
const embedded =
  DATABASE_URL === ''
    ? await EmbeddedPostgres.start(dataDir, (/** @type {Error} */ error) => {
        throw error;
      })
    : undefined;
const app = await NestFactory.createApplicationContext(AppModule.for(configuration, embedded), { logger: false });
try {
  const dataSource = app.get(getDataSourceToken());
  const caller = await addReader(dataSource);
  const started = Date.now();
  const names = await takeIn(dataSource, app.get(Passages), caller.userId);
  process.stdout.write(`${names.size} documents taken in, in ${Math.round((Date.now() - started) / 1000)} s.\n`);
  await ask(app.get(SearchService), caller, names);
} finally {
  await app.close();
  await embedded?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** @param {import('typeorm').DataSource} dataSource */
async function addReader(dataSource) {
  const [{ id }] = await dataSource.query(
    `INSERT INTO users (username, email, password_hash) VALUES ('reader', 'reader@example.com', '-') RETURNING id`,
  );
  return { userId: id, roles: [], roleIds: [], permissions: new Set(), apiKeyId: null, dataSourceIds: null };
}

/**
 * Without jobs, whose turns at the database would take most of the time.
 *
 * @param {import('typeorm').DataSource} dataSource
 * @param {{ replace: Function }} passages
 * @param {number} ownerId
 * @returns {Promise<Map<number, string>>} the names of the corpus by the ids of the documents
 */
async function takeIn(dataSource, passages, ownerId) {
  const names = new Map();
  const path = join(dataDir, 'text');
  const limits = { characters: 5_000_000, pages: 1, unpackedBytes: 0 };
  for (const { id: name, title = '', text } of itemsOf('corpus.jsonl')) {
    writeFileSync(path, text === '' ? title : text);
    const read = await readPassages({ path, fileName: 'text', format: 'text', limits });
    const hash = createHash('sha256').update(`${name}\n${text}`).digest('hex');
    const [{ id }] = await dataSource.query(
      `INSERT INTO rag_documents (owner_id, title, content, content_hash, status)
       VALUES ($1, $2, $3, $4, 'processing') RETURNING id`,
      [ownerId, title, read.content, hash],
    );
    const document = { id, version: 1, language: 'english', title };
    const words = await passages.replace(document, read.passages, new AbortController().signal);
    await dataSource.query(
      `UPDATE rag_documents SET status = 'ready', chunks_count = $2, words_count = $3 WHERE id = $1`,
      [id, read.passages.length, words],
    );
    names.set(id, name);
  }
  return names;
}

/**
 * @param {{ rank: Function }} search
 * @param {object} caller
 * @param {Map<number, string>} names
 */
async function ask(search, caller, names) {
  /** @type {{ ndcg: number, at10: number, at100: number, ms: number }[]} */
  const figures = [];
  const questions = itemsOf('queries.jsonl').filter((query) => relevant.has(query.id));
  for (const { id, text } of questions.slice(0, Number(most))) {
    const wanted = relevant.get(id) ?? new Map();
    const started = performance.now();
    const passages = await search.rank(text.slice(0, 1000), {}, caller);
    const ms = performance.now() - started;
    /** @type {string[]} */
    const found = [...new Set(passages.map((/** @type {{ documentId: number }} */ one) => names.get(one.documentId)))];
    const gains = found.map((name) => wanted.get(name) ?? 0);
    const hits = (/** @type {number} */ depth) => gains.slice(0, depth).filter((gain) => gain > 0).length / wanted.size;
    const ideal = [...wanted.values()].toSorted((a, b) => b - a);
    figures.push({ ndcg: discounted(gains) / discounted(ideal), at10: hits(10), at100: hits(DEPTH), ms });
  }
  const mean = (/** @type {number[]} */ numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const half = (/** @type {number} */ which) =>
    mean(figures.filter((_, at) => at % 2 === which).map(({ ndcg }) => ndcg));
  const times = figures.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const percentile = (/** @type {number} */ part) => times[Math.floor(part * (times.length - 1))] ?? 0;
  process.stdout.write(
    `${figures.length} questions\n` +
      `nDCG@10     ${mean(figures.map(({ ndcg }) => ndcg)).toFixed(4)}  (half that BM25 was set on ${half(0).toFixed(4)}, other half ${half(1).toFixed(4)})\n` +
      `recall@10   ${mean(figures.map(({ at10 }) => at10)).toFixed(4)}\n` +
      `recall@100  ${mean(figures.map(({ at100 }) => at100)).toFixed(4)}\n` +
      `latency     p50 ${percentile(0.5).toFixed(0)} ms, p99 ${percentile(0.99).toFixed(0)} ms\n`,
  );
}

/** @param {number[]} gains best place first */
function discounted(gains) {
  return gains.slice(0, 10).reduce((sum, gain, place) => sum + gain / Math.log2(place + 2), 0);
}
