/**
 * Shows the main job over HTTP, as any client would do it: sign up, upload the sample data, ask three questions, and
 * print for each how it was understood, its SQL, its rows and its chart.
 *
 * `LUMIERE_URL` is the server to talk to (http://127.0.0.1:8000) and `LUMIERE_DATA_DIR` the folder (./data) where the
 * demo user's password and the charts are kept.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const USER = 'demo';
const SOURCE = 'Bicycle shop';
const FILES = ['customers.csv', 'products.csv', 'orders.csv', 'order_items.csv'];
const QUESTIONS = [
  { question: 'How many orders per month in 2025?', file: '1-orders-per-month' },
  { question: 'Top 5 products by quantity sold', file: '2-top-products' },
  { question: 'How many customers are there in each country?', file: '3-customers-by-country' },
];
const READY_TIMEOUT_MS = 120_000;
const SHOWN_ROWS = 10;

/** A problem that the reader can do something about; shown without a stack. */
class DemoError extends Error {}

/**
 * Runs the demo against a server that is starting or running.
 *
 * @param {{ url: string, dataDir: string }} where
 * @returns {Promise<void>}
 * @throws {DemoError} when the server does not become ready or refuses a step
 */
export async function runDemo({ url, dataDir }) {
  const base = url.replace(/\/+$/, '');
  const folder = resolve(dataDir, 'demo');
  mkdirSync(folder, { recursive: true });
  await withProgress('Waiting for the server', ready(base));
  const api = await signIn(base, dataDir);
  const source = await withProgress('Uploading the sample data', sampleSource(api));
  print(
    `Data source "${source.name}": ${FILES.length} tables, ${(source.row_count ?? 0).toLocaleString('en-US')} rows.`,
  );
  for (const { question, file } of QUESTIONS) await ask(api, source.id, question, join(folder, file));
  printLinks(base);
}

/** @param {string} base */
async function ready(base) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    // Until it listens the connection is refused, and until it is ready the answer is 503: both mean "not yet".
    const response = await fetch(`${base}/health/ready`).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await sleep(200);
  }
  throw new DemoError(`The server at ${base} is not ready after two minutes. Look at its log, or set LUMIERE_URL.`);
}

/**
 * @typedef {(method: string, path: string, body?: unknown) => Promise<{ status: number, body: any }>} Api
 *   Calls the API with the user's token; the body is JSON, a form, or bytes for anything else.
 */

/**
 * Registers the demo user, or logs in when it exists.
 *
 * @param {string} base
 * @param {string} dataDir
 * @returns {Promise<Api>}
 */
async function signIn(base, dataDir) {
  const { password, path, created } = demoPassword(dataDir);
  const anonymous = caller(base, null);
  const account = { username: USER, email: 'demo@example.com', password, full_name: 'Demo User' };
  const registered = await anonymous('POST', '/auth/register', account);
  if (registered.status !== 201 && registered.status !== 409) throw refused('Registering the demo user', registered);
  const login = await anonymous('POST', '/auth/login', { username: USER, password });
  if (login.status === 401) {
    if (created) rmSync(path);
    const why = created
      ? `but ${path}, which holds its password, is missing`
      : `with another password than the one in ${path}`;
    throw new DemoError(
      `The user "${USER}" exists ${why}. Start with the data directory it was made with, or an empty one.`,
    );
  }
  if (login.status !== 200) throw refused('Logging in', login);
  if (created) print(`Signed up as "${USER}" with the password ${password} (kept in ${path}).`);
  else print(`Logged in as "${USER}" (the password is in ${path}).`);
  return caller(base, login.body.access_token);
}

/** The password of the demo user, made on the first run and readable by its owner only. */
function demoPassword(dataDir) {
  const path = resolve(dataDir, 'demo', 'password');
  if (existsSync(path)) return { password: readFileSync(path, 'utf8').trim(), path, created: false };
  const password = randomBytes(12).toString('base64url');
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return { password, path, created: true };
}

/** The source of an earlier run, or a new one made of the four files. */
async function sampleSource(api) {
  for (let cursor = ''; ;) {
    const page = await api('GET', `/data-sources?limit=200${cursor}`);
    if (page.status !== 200) throw refused('Listing the data sources', page);
    const found = page.body.items.find(({ name }) => name === SOURCE);
    if (found) return found;
    if (!page.body.next_cursor) break;
    cursor = `&cursor=${encodeURIComponent(page.body.next_cursor)}`;
  }
  const form = new FormData();
  form.set('name', SOURCE);
  for (const name of FILES) {
    const content = readFileSync(fileURLToPath(new URL(name, import.meta.url)));
    form.append('file', new Blob([content], { type: 'text/csv' }), name);
  }
  const uploaded = await api('POST', '/data-sources/upload', form);
  if (uploaded.status !== 201) throw refused('Uploading the sample data', uploaded);
  return uploaded.body;
}

/** Asks one question and prints the answer; the chart goes to `<path>.svg`, `.png` and `.html`. */
async function ask(api, sourceId, question, path) {
  print(`\n── ${question}`);
  const asked = await api('POST', '/queries?wait=30', { data_source_id: sourceId, question });
  if (asked.status >= 300) throw refused('Asking the question', asked);
  const query =
    asked.status === 202 ? await withProgress('Waiting for the answer', finished(api, asked.body.id)) : asked.body;
  if (query.receipt?.paraphrase) print(`   Understood as: ${query.receipt.paraphrase}`);
  for (const { phrase, meaning } of query.receipt?.interpretation ?? []) print(`   "${phrase}": ${meaning}`);
  if (query.status === 'succeeded') {
    print(`\n${indented(query.sql)}\n`);
    print(indented(textTable(query)));
    await saveChart(api, query, path);
  } else printUnanswered(query);
}

async function finished(api, id) {
  for (;;) {
    const { status, body } = await api('GET', `/queries/${id}`);
    if (status !== 200) throw refused('Reading the answer', { status, body });
    if (!['pending', 'running'].includes(body.status)) return body;
    await sleep(300);
  }
}

/** What the other ends of a question look like: a question back, an honest no, an error. */
function printUnanswered(query) {
  if (query.status === 'needs_clarification') {
    print(`   Lumiere asks back: ${query.clarification?.question}`);
    for (const { value, label } of query.clarification?.options ?? []) print(`     ${label}  (answer with "${value}")`);
  } else if (query.status === 'unanswerable') {
    print(`   This data cannot answer it: ${query.error?.detail ?? 'no reason was given'}`);
  } else {
    print(`   The query ${query.status}: ${query.error?.detail ?? 'no reason was given'}`);
  }
}

async function saveChart(api, query, path) {
  if (!query.chart?.spec) {
    print(`   No chart: ${query.chart?.reason ?? 'the result is a table.'}`);
    return;
  }
  const [svg, png] = await Promise.all(
    ['svg', 'png'].map(async (format) => {
      const chart = await api('GET', `/queries/${query.id}/chart?format=${format}`);
      if (chart.status !== 200) throw refused('Drawing the chart', chart);
      return chart.body;
    }),
  );
  writeFileSync(`${path}.svg`, svg);
  writeFileSync(`${path}.png`, png);
  writeFileSync(`${path}.html`, page(query, svg));
  print(`\n   Chart (${query.chart.type}): ${path}.html  (also .svg and .png)`);
}

/** A page that needs nothing but itself. The picture is an image, so nothing in it can run. */
function page(query, svg) {
  const rows = query.rows.slice(0, 100);
  const cells = (row, tag) => row.map((value) => `<${tag}>${escaped(shown(value))}</${tag}>`).join('');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(query.question)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; color: #1f2937; max-width: 760px; margin: 40px auto; padding: 0 20px }
  img { max-width: 100%; border: 1px solid #e6e9ee; border-radius: 6px }
  pre { background: #f5f7fa; padding: 14px 16px; border-radius: 6px; overflow-x: auto }
  table { border-collapse: collapse } th, td { text-align: left; padding: 4px 18px 4px 0; border-bottom: 1px solid #e6e9ee }
</style>
<h1>${escaped(query.question)}</h1>
<img alt="${escaped(query.chart.title)}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">
<h2>SQL</h2>
<pre>${escaped(query.sql)}</pre>
<h2>Rows</h2>
<table>
<tr>${cells(
    query.columns.map(({ name }) => name),
    'th',
  )}</tr>
${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')}
</table>
</html>
`;
}

/** The first rows as a table of aligned text, numbers to the right. */
function textTable({ columns, rows, row_count: rowCount }) {
  const lines = [columns.map(({ name }) => name), ...rows.slice(0, SHOWN_ROWS).map((row) => row.map(shown))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  const numeric = columns.map(({ type }) => ['integer', 'decimal', 'float'].includes(type));
  const aligned = lines.map((line) =>
    line.map((text, index) => (numeric[index] ? text.padStart(widths[index]) : text.padEnd(widths[index]))).join('  '),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  const more = rowCount > SHOWN_ROWS ? [`… and ${(rowCount - SHOWN_ROWS).toLocaleString('en-US')} more`] : [];
  return [aligned[0], rule, ...aligned.slice(1), ...more].join('\n');
}

function shown(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  // A day that came as a moment reads better as a day.
  return String(value).replace(/^(\d{4}-\d{2}-\d{2})T00:00:00$/, '$1');
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function indented(text) {
  return text.replace(/^/gm, '   ');
}

/**
 * @param {string} base
 * @param {string | null} token
 * @returns {Api}
 */
function caller(base, token) {
  return async (method, path, body) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const form = body instanceof FormData;
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: body === undefined || form ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    const answer = /\bjson\b/.test(type) ? await response.json() : Buffer.from(await response.arrayBuffer());
    return { status: response.status, body: answer };
  };
}

/** @returns {DemoError} */
function refused(step, { status, body }) {
  const detail = body?.detail ?? 'no detail was given';
  const fields = (body?.errors ?? []).map(({ field, message }) => ` ${field}: ${message}.`).join('');
  return new DemoError(`${step} failed (${status}): ${detail}${fields}`);
}

/** Shows dots when something takes longer than two seconds. */
async function withProgress(label, work) {
  let dots = false;
  const started = Date.now();
  const timer = setInterval(() => {
    if (Date.now() - started < 2000) return;
    process.stdout.write(dots ? '.' : `${label} .`);
    dots = true;
  }, 500);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (dots) process.stdout.write('\n');
  }
}

function printLinks(base) {
  print(`
API documents   ${base}/api/docs
Reference       ${base}/api/redoc
OpenAPI         ${base}/api/openapi.json

The server keeps running. Stop it with Ctrl-C; "npm start" serves the same data again.`);
}

function print(text) {
  process.stdout.write(`${text}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const url = process.env.LUMIERE_URL ?? 'http://127.0.0.1:8000';
  const dataDir = process.env.LUMIERE_DATA_DIR ?? './data';
  runDemo({ url, dataDir }).catch((error) => {
    process.stderr.write(error instanceof DemoError ? `${error.message}\n` : `${error.stack}\n`);
    process.exitCode = 1;
  });
}
