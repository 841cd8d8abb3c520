/**
 * `docs/tour.md` as a test: its commands are run in a shell as they stand, against a fresh installation, and what comes back is compared with what the
 * page says. Beside that, the figures are counted once more from the sample data, and the pictures, the mail and the page are looked at.
 */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readXlsx } from 'hucre/xlsx';
import { browserPath, shownInBrowser } from './browser.js';
import type { MailboxProgram } from './mailbox-program.js';
import { eventually } from './patience.js';
import type { Query } from './shapes.js';

/** A fresh installation, and the mailbox that its mails go to. */
export interface Installation {
  url: string;
  mailbox: MailboxProgram;
  stop: () => Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');
const PAGE_ADDRESS = 'http://127.0.0.1:8000';
const START_MS = 180_000;
const SECTION_MS = 120_000;

/** What a person sees beside what the page says, by the heading of the page. */
const looks: Record<string, (walk: Walk) => Promise<void>> = {
  Ask: async ({ answer }) => {
    const { query } = (await answer()) as { query: Query };
    const months = countBy(orders({ year: '2025' }), ({ ordered_at }) => ordered_at.slice(0, 7));
    expect(query.rows).toEqual([...months].sort().map(([month, count]) => [`${month}-01T00:00:00`, count]));
  },
  'Follow up': async ({ answer }) => {
    const { query } = (await answer()) as { query: Query };
    const months = countBy(orders({ year: '2025', country: 'Germany' }), ({ ordered_at }) => ordered_at.slice(0, 7));
    expect(query.rows).toEqual([...months].sort().map(([month, count]) => [`${month}-01T00:00:00`, count]));
  },
  Clarification: async ({ answer }) => {
    const { query } = (await answer()) as { query: Query };
    const names = new Map(rows('products').map(({ id, name }) => [id, name]));
    expect(rounded(query.rows)).toEqual(
      largest(sumBy(rows('order_items'), ({ product_id }) => names.get(product_id) ?? '', paid)).slice(0, 10),
    );
  },
  Chart: async ({ file }) => expectPicture(await file('orders-per-month.png')),
  Dashboard: async ({ file, shell }) => {
    expectPicture(await file('our-shop.png'));
    const all = JSON.parse(await shell('curl "$API/dashboards/1/render?format=json&wait=30" -H "$AUTH"')) as {
      cards: { shown: { rows: unknown[][] } }[];
    };
    const countries = new Map(orders({ year: '2025' }).map(({ id, country }) => [id, country]));
    const items = rows('order_items').filter(({ order_id }) => countries.has(order_id));
    expect(rounded(all.cards[0]?.shown.rows ?? [])).toEqual(
      largest(sumBy(items, ({ order_id }) => countries.get(order_id) ?? '', paid)),
    );
  },
  'Public link': async ({ shell }) => {
    const link = (await shell('echo $LINK')).trim();
    if (browserPath === undefined) return;
    const seen = await shownInBrowser(link);
    for (const text of [
      'Our shop',
      'Revenue by country, 2025',
      'Germany',
      '218k',
      'Orders per month from Germany, 2025',
    ]) {
      expect(seen.includes(text) ? text : seen.slice(0, 2000)).toBe(text);
    }
  },
  'Scheduled report': async ({ mailbox }) => {
    const mail = await eventually(
      async () => mailbox.printed(),
      (printed) => printed.includes('Attached:'),
    );
    expect(mail).toMatch(/^To: ada@example\.com$/m);
    expect(mail).toMatch(/^Subject: Our shop, weekly$/m);
    const path = /^Attached: (\S+\.pdf) \(/m.exec(mail)?.[1] ?? '';
    expect((await readFile(path)).subarray(0, 5).toString()).toBe('%PDF-');
  },
  Export: async ({ file }) => {
    const { sheets } = await readXlsx(await file('revenue-by-country.xlsx'));
    expect(sheets[0]?.rows.map((row) => row[0])).toEqual([
      'country',
      'Germany',
      'France',
      'Netherlands',
      'Spain',
      'Denmark',
      'United Kingdom',
    ]);
  },
  'What the audit says': async ({ shell }) => {
    const trail = JSON.parse(await shell('curl "$API/audit-trails?limit=200" -H "$AUTH"')) as {
      items: { action: string }[];
    };
    for (const action of [
      'user.created',
      'user.signed_in',
      'data_source.created',
      'conversation.created',
      'dashboard.created',
      'public_link.created',
      'alert.created',
      'scheduled_report.created',
      'export.requested',
      'export.downloaded',
      'document.created',
    ]) {
      expect(trail.items).toContainEqual(expect.objectContaining({ action }));
    }
  },
};

interface Walk {
  mailbox: MailboxProgram;
  /** Runs commands where the page's are run, and gives what they print. */
  shell: (commands: string) => Promise<string>;
  /** What came back last. */
  answer: () => Promise<unknown>;
  /** A file that the page's commands have made. */
  file: (name: string) => Promise<Buffer>;
}

/** A test for each section of the page, in its order; a section begins where the one before has ended. */
export function tour(install: () => Promise<Installation>): void {
  if (spawnSync('bash', ['-c', 'command -v curl && command -v sed']).status !== 0)
    throw new Error('The page is walked with bash, curl and sed. Install them (apt-get install curl).');
  let installation: Installation;
  let folder: string;
  let walk: Walk;
  let last = '';
  let stopped = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-tour-'));
    await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
    installation = await install();
    const shell = async (commands: string) => runIn(folder, commands.replaceAll(PAGE_ADDRESS, installation.url));
    walk = {
      shell,
      mailbox: installation.mailbox,
      answer: async () => JSON.parse(last),
      file: (name) => readFile(join(folder, name)),
    };
  }, START_MS);
  afterAll(async () => {
    await installation.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const sections = readPage();
  it.each(sections)(
    '$heading',
    async ({ heading, blocks }) => {
      if (stopped) throw new Error('An earlier section has failed.');
      stopped = true;
      for (const { language, text } of blocks) {
        if (language === 'sh') last = (await walk.shell(text)).trim().split('\n').at(-1) ?? '';
        else expectShown(JSON.parse(last), JSON.parse(text));
      }
      await looks[heading]?.(walk);
      stopped = false;
    },
    SECTION_MS,
  );

  it('is looked at under headings that the page has', () => {
    const headings = sections.map(({ heading }) => heading);
    expect(headings).toEqual(expect.arrayContaining(Object.keys(looks)));
  });
}

interface Section {
  heading: string;
  blocks: { language: string; text: string }[];
}

/** The sections of the page with their commands (`sh`) and what comes back (`json`); `console` is for people only. */
function readPage(): Section[] {
  const [, ...parts] = readFileSync(join(ROOT, 'docs/tour.md'), 'utf8').split(/^## /m);
  return parts
    .map((part) => ({
      heading: part.slice(0, part.indexOf('\n')),
      blocks: [...part.matchAll(/^```(sh|json)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
        language,
        text,
      })),
    }))
    .filter(({ blocks }) => blocks.length > 0);
}

/** Each run goes on with the variables of the one before. An answer ends its line, and a request that fails ends the run. */
async function runIn(folder: string, commands: string): Promise<string> {
  const script = [
    'set -aeuo pipefail',
    'if [ -f .variables ]; then . ./.variables; fi',
    'curl() { command curl -sS "$@" && echo; }',
    commands,
    'export -p > .variables',
  ].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/**
 * Whether what came back is what the page shows: objects may have more than it names, `…` is any text, any value or the rest of a list, and numbers have
 * the decimals that are shown.
 */
function expectShown(actual: unknown, shown: unknown): void {
  expect(actual).toEqual(asExpected(actual, shown));
}

function asExpected(actual: unknown, shown: unknown): unknown {
  if (shown === '…') return expect.anything();
  if (typeof shown === 'string' && shown.includes('…')) {
    return expect.stringMatching(
      new RegExp(
        `^${shown
          .split('…')
          .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
          .join('[^]*')}$`,
      ),
    );
  }
  if (typeof shown === 'number' && !Number.isInteger(shown)) {
    return expect.closeTo(shown, (String(shown).split('.')[1] ?? '').length);
  }
  if (Array.isArray(shown)) {
    const given: unknown[] = Array.isArray(actual) ? actual : [];
    const open = shown.at(-1) === '…';
    const named = (open ? shown.slice(0, -1) : shown).map((one, index) => asExpected(given[index], one));
    return open ? [...named, ...given.slice(named.length)] : named;
  }
  if (typeof shown === 'object' && shown !== null) {
    const given = (actual ?? {}) as Record<string, unknown>;
    return expect.objectContaining(
      Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, asExpected(given[name], value)])),
    );
  }
  return shown;
}

type Row = Record<string, string>;

/** A table of the sample data; it has no quotes. */
function rows(table: string): Row[] {
  const [header = '', ...lines] = readFileSync(join(ROOT, 'examples', `${table}.csv`), 'utf8')
    .trim()
    .split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value])));
}

/** Orders of a year with the country of their customer, of one country or all. */
function orders({
  year,
  country,
}: {
  year: string;
  country?: string;
}): (Row & { ordered_at: string; country: string })[] {
  const countries = new Map(rows('customers').map((customer) => [customer['id'], customer['country'] ?? '']));
  return rows('orders')
    .map((order) => ({
      ...order,
      ordered_at: order['ordered_at'] ?? '',
      country: countries.get(order['customer_id']) ?? '',
    }))
    .filter((order) => order.ordered_at.startsWith(year) && (country ?? order.country) === order.country);
}

/** What was paid for a line of an order. */
function paid({ quantity, unit_price, discount }: Row): number {
  return Number(quantity) * Number(unit_price) * (1 - Number(discount));
}

function sumBy<T>(all: T[], key: (one: T) => string, value: (one: T) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const one of all) sums.set(key(one), (sums.get(key(one)) ?? 0) + value(one));
  return sums;
}

function countBy<T>(all: T[], key: (one: T) => string): Map<string, number> {
  return sumBy(all, key, () => 1);
}

function largest(sums: Map<string, number>): [string, string][] {
  return [...sums].sort(([, one], [, other]) => other - one).map(([name, sum]) => [name, sum.toFixed(1)]);
}

function rounded(all: unknown[][]): [string, string][] {
  return all.map(([name, sum]) => [String(name), Number(sum).toFixed(1)]);
}

/** A PNG of a size that one can read. */
function expectPicture(file: Buffer): void {
  expect(file.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  expect(file.readUInt32BE(16)).toBeGreaterThanOrEqual(800);
  expect(file.readUInt32BE(20)).toBeGreaterThanOrEqual(400);
}
