import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  rowOf,
  workbookOf,
  workbookParts,
  zipOf,
  type ZipEntry,
} from '../src/engine/connectors/duckdb/import/xlsx/zip.fixture.js';
import { type Account, newAccount, type Problem } from './support/client.js';
import { CUSTOMERS } from './support/data.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page } from './support/shapes.js';

const MEGABYTE = 1_000_000;
const MOST_MORE_MEMORY = 512 * 1024 * 1024;

/** On a server of their own: its memory and its data directory are looked at. */
describe('files that are made to do harm', () => {
  let server: TestServer;
  let ada: Account;
  let before: number;

  beforeAll(async () => {
    server = await startServer();
    ada = await newAccount(server.url);
    // The embedded database takes more than all that follows when it is made.
    await writeFile(`/proc/${server.pid}/clear_refs`, '5');
    before = await peakMemory(server.pid);
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const good = (): ZipEntry[] => workbookParts({ sheets: [{ name: 'a', rows: rowOf('a') + rowOf(1) }] });
  const zeros = (size: number): Buffer => Buffer.alloc(size, '0');
  const rle = Buffer.from([0x02, 0x00, 0x10, 0x61]);

  const bombs: [what: string, name: string, make: () => Uint8Array, code: string][] = [
    ['gzip of a huge ratio', 'a.csv.gz', () => gzipSync(zeros(300 * MEGABYTE)), 'file_unpacks_too_large'],
    ['gzip of gzip', 'a.csv.gz', () => gzipSync(gzipSync(zeros(50 * MEGABYTE))), 'file_format_not_supported'],
    ['gzip that is cut off', 'a.csv.gz', () => gzipSync(zeros(MEGABYTE)).subarray(0, 500), 'file_malformed'],
    [
      'Zstandard of a huge ratio',
      'a.csv.zst',
      () => Buffer.concat([Buffer.from('28b52ffd0050', 'hex'), ...Array.from({ length: 100_000 }, () => rle)]),
      'file_unpacks_too_large',
    ],
    [
      'Zstandard of a huge window',
      'a.csv.zst',
      () => Buffer.from('28b52ffd00f8aaaaaaaaaaaaaaaa', 'hex'),
      'file_malformed',
    ],
    [
      'a workbook of a huge ratio',
      'a.xlsx',
      () => zipOf([...good(), { name: 'xl/media/zeros', content: zeros(300 * MEGABYTE) }]),
      'file_unpacks_too_large',
    ],
    ['archives in archives', 'a.xlsx', () => nested(8), 'file_format_not_supported'],
    ['one kernel under many entries', 'a.xlsx', overlapping, 'file_malformed'],
    [
      'many entries',
      'a.xlsx',
      () => zipOf([...good(), ...Array.from({ length: 20_000 }, (_, n) => ({ name: `n${n}`, content: '' }))]),
      'file_malformed',
    ],
    ['sizes that lie', 'a.xlsx', () => withSheet(' '.repeat(20 * MEGABYTE), { size: 10 }), 'file_malformed'],
    ['zip64 that lies', 'a.xlsx', zip64, 'file_unpacks_too_large'],
    ['a data descriptor instead of sizes', 'a.xlsx', describedBehind, 'file_malformed'],
    ['a name twice', 'a.xlsx', () => zipOf([...good(), ...good()]), 'file_malformed'],
    [
      'a path that leads out',
      'a.xlsx',
      () => zipOf([...good(), { name: '../../evil', content: 'x' }]),
      'file_malformed',
    ],
    [
      'a link',
      'a.xlsx',
      () => zipOf([...good(), { name: 'l', content: '/etc/passwd', claims: { attributes: 0xa1ff_0000 } }]),
      'file_malformed',
    ],
    ['encryption', 'a.xlsx', () => zipOf(good().map((part) => ({ ...part, claims: { flags: 1 } }))), 'file_malformed'],
    ['an archive that is cut off', 'a.xlsx', () => zipOf(good()).subarray(0, -30), 'file_malformed'],
    [
      'entities of entities',
      'a.xlsx',
      () => withSheet('<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'),
      'file_malformed',
    ],
    [
      'one shared text in millions of cells',
      'a.xlsx',
      () =>
        workbookOf({
          sheets: [{ name: 'a', rows: '<row><c t="s"><v>0</v></c></row>'.repeat(200_000) }],
          sharedStrings: [`<t>${'x'.repeat(32_000)}</t>`],
        }),
      'file_unpacks_too_large',
    ],
    ['brackets without end', 'a.json', () => Buffer.from(`[{"a":${'['.repeat(5 * MEGABYTE)}`), 'file_malformed'],
    ['a text without end', 'a.json', () => Buffer.from(`[{"a":"${'x'.repeat(100 * MEGABYTE)}"}]`), 'file_malformed'],
    ['a cell without end', 'a.csv', () => Buffer.from(`a,b\n1,${'x'.repeat(200 * MEGABYTE)}\n`), 'file_malformed'],
    [
      '10,000 columns',
      'a.csv',
      () => Buffer.from(`${Array.from({ length: 10_000 }, (_, n) => `c${n}`).join()}\n${'1,'.repeat(9_999)}1\n`),
      'file_malformed',
    ],
    ['what is no UTF-8', 'a.json', () => Buffer.from('[{"a":"\xff"}]', 'latin1'), 'file_malformed'],
  ];

  it.each(bombs)('are refused: %s', async (_what, name, make, code) => {
    const { body } = await ada.client.upload<Problem>({ [name]: new Uint8Array(make()) });
    expect(body.code).toBe(code);
    expect(await readdir(join(server.dataDir, 'tmp'))).toEqual([]);
    expect(await readdir(join(server.dataDir, 'sources'))).toEqual([]);
  });

  it('are not told from good ones by their kind alone, and leave the server as it was', async () => {
    const files = { 'a.csv': new Uint8Array(Buffer.from(CUSTOMERS)), 'b.xlsx': new Uint8Array(zipOf(good())) };
    expect((await ada.client.upload(files)).status).toBe(201);
    expect((await ada.client.get<Page<unknown>>('/data-sources')).body.items).toHaveLength(1);
    expect(server.output()).not.toMatch(/"level":(50|60)/);
    expect((await peakMemory(server.pid)) - before).toBeLessThan(MOST_MORE_MEMORY);
  });

  function withSheet(content: string, claims: ZipEntry['claims'] = {}): Buffer {
    return zipOf(good().map((part) => (part.name.includes('sheet1') ? { ...part, content, claims } : part)));
  }

  function nested(levels: number): Buffer {
    const inner = levels === 0 ? deflateRawSync(zeros(MEGABYTE)) : nested(levels - 1);
    return zipOf([{ name: 'inner.zip', content: inner }]);
  }

  /** Every entry of the directory points to the same compressed bytes. */
  function overlapping(): Buffer {
    const parts = good();
    return zipOf([
      ...parts,
      ...Array.from({ length: 500 }, (_, n) => ({ name: `xl/k${n}`, content: 'x', claims: { offset: 0 } })),
    ]);
  }

  /** An entry whose size stands in the zip64 field and is beyond all measure. */
  function zip64(): Buffer {
    return zipOf([...good(), { name: 'xl/huge', content: 'x', claims: { size: 2 ** 50 } }]);
  }

  /** Sizes are told behind the bytes, and the directory says that the sheet is empty. */
  function describedBehind(): Buffer {
    return withSheet(' '.repeat(MEGABYTE), { flags: 8, size: 0 });
  }
});

/** The most memory that a process has had at once since that was last reset, in bytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(kilobytes) * 1024;
}
