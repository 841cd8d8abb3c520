import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CellValue, ResultColumn } from '../../../charts/contract.js';
import type { EngineBounds } from '../engine-bounds.js';
import { readPage } from '../read-page.js';
import { importFile } from './import-file.js';
import type { ImportedTable, ImportOptions } from './import-request.js';

let folder: string;
const signal = new AbortController().signal;
const bounds = (): EngineBounds & { maxUnpackedBytes: number } => ({
  maxUnpackedBytes: 100_000_000,
  maxMemoryBytes: 256_000_000,
  threads: 2,
  maxSpillBytes: 100_000_000,
  scratchDirectory: folder,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-import-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Loaded extends ImportedTable {
  columns: ResultColumn[];
  rows: CellValue[][];
}

async function load(fileName: string, content: string | Buffer, options: ImportOptions = {}): Promise<Loaded> {
  const file = join(folder, 'upload');
  await writeFile(file, content);
  try {
    const [table] = await importFile({ file, fileName, directory: folder, options, signal, ...bounds() });
    if (!table) throw new Error('No table came out of the file.');
    const page = await readPage({ file: table.file, offset: 0, limit: 10, bounds: bounds(), signal });
    await rm(table.file);
    return { ...table, ...page };
  } finally {
    await rm(file);
  }
}

const refusal = (fileName: string, content: string | Buffer, options?: ImportOptions): Promise<unknown> =>
  load(fileName, content, options).then(
    (table) => expect(table).toBe('refused'),
    (error: unknown) => error,
  );

const types = ({ columns }: Loaded): string[] => columns.map(({ type }) => type);

describe('importing a delimited text', () => {
  it('finds the types, and names the table after the file', async () => {
    const table = await load('My Trips 2024.csv', 'id,day,paid,fare\n1,2024-05-01,true,1.5\n2,2024-05-02,false,\n');
    expect(table.name).toBe('my_trips_2024');
    expect(types(table)).toEqual(['integer', 'date', 'boolean', 'float']);
    expect(table.rows).toEqual([
      [1, '2024-05-01', true, 1.5],
      [2, '2024-05-02', false, null],
    ]);
  });

  it.each([
    [';', 'a;b\n1,5;x\n2,5;y\n'],
    ['\t', 'a\tb\n1,5\tx\n2,5\ty\n'],
    ['|', 'a|b\n1,5|x\n2,5|y\n'],
  ])('tells the delimiter %j from the commas inside numbers', async (_delimiter, content) => {
    expect((await load('x.csv', content)).columns.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('reads quotes, doubled quotes, line ends inside quotes, and blank lines', async () => {
    const table = await load('x.csv', 'a,b\n1,"x, ""y""\nz"\n\n2," w "\n');
    expect(table.rows).toEqual([
      [1, 'x, "y"\nz'],
      [2, ' w '],
    ]);
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeffname,n\nJosé €,1\n')],
    ['UTF-16 LE', Buffer.from('\ufeffname,n\nJosé €,1\n', 'utf16le')],
    ['UTF-16 BE', Buffer.from('\ufeffname,n\nJosé €,1\n', 'utf16le').swap16()],
    ['windows-1252', Buffer.from([...Buffer.from('name,n\nJos'), 0xe9, 0x20, 0x80, ...Buffer.from(',1\n')])],
  ])('reads %s', async (_encoding, content) => {
    const table = await load('x.csv', content);
    expect(table.columns[0]?.name).toBe('name');
    expect(table.rows).toEqual([['José €', 1]]);
  });

  it('tells texts of other letters by their frequencies, or is told', async () => {
    const big5 = Buffer.concat(
      Array.from({ length: 40 }, () => Buffer.from('b4bad249bdd1b8b92cb4bad249a4a4a4e5a657bad90a', 'hex')),
    );
    expect((await load('x.csv', big5)).notes[0]).toBe('The text was read as big5.');
    const cyrillic = Buffer.from('cde0e7e2e0ede8e52cd6e5ede00accee ebeeeaee2c310a'.replaceAll(' ', ''), 'hex');
    expect((await load('x.csv', cyrillic)).columns.map(({ name }) => name)).toEqual(['Название', 'Цена']);
    const polish = Buffer.from([...Buffer.from('a,b\n'), 0xb9, 0x2c, 0x31, 0x0a]);
    expect((await load('x.csv', polish, { encoding: 'windows-1250' })).rows).toEqual([['ą', 1]]);
  });

  it('leaves out titles that a spreadsheet has filled up with delimiters, and says so', async () => {
    const table = await load('x.csv', 'Sales of 2024,,\n,,\nday,shop,amount\n2024-05-01,a,1\n2024-05-02,b,2\n');
    expect([table.columns.map(({ name }) => name), table.rowCount]).toEqual([['day', 'shop', 'amount'], 2]);
    expect(table.notes).toEqual(['2 lines above the table were left out.']);
  });

  it('reads windows-1252 that shows only late, and refuses it after UTF-8', async () => {
    const late = (start: string): Buffer =>
      Buffer.concat([
        Buffer.from(`a,b\n${start},1\n${'x,1\n'.repeat(400_000)}`),
        Buffer.from([0xe9, 0x2c, 0x32, 0x0a]),
      ]);
    expect((await load('x.csv', late('x'))).notes).toEqual(['The text was read as windows-1252.']);
    expect(await refusal('x.csv', late('é'))).toMatchObject({ code: 'file_malformed' });
  });

  it('reads CR, CRLF and a mixture of line ends', async () => {
    for (const content of ['a,b\r1,2\r3,4\r', 'a,b\r\n1,2\r\n3,4', 'a,b\r\n1,2\n3,4\r\n']) {
      expect((await load('x.csv', content)).rows).toEqual([
        [1, 2],
        [3, 4],
      ]);
    }
  });

  it('keeps leading zeros, plus signs and numbers of more digits than fit', async () => {
    const table = await load('x.csv', 'zip,phone,big\n00123,+4912345,12345678901234567890\n02134,+4954321,2\n');
    expect(table.rows[0]).toEqual(['00123', '+4912345', '12345678901234567890']);
  });

  it.each([
    ['a fraction', '1', '1.5', 'float'],
    ['a word', '1', 'abc', 'text'],
    ['a leading zero', '1', '007', 'text'],
    ['a time of day', '2024-01-01', '2024-01-02 10:30:00', 'timestamp'],
    ['an offset', '2024-01-01 10:00:00', '2024-01-01 10:00:00+05:00', 'text'],
    ['too many digits', '1.5', '12345678901234567', 'text'],
  ])(
    'widens a column when %s comes long after the rows that types are guessed from',
    async (_what, usual, late, type) => {
      const table = await load('x.csv', `n,late\n${`${usual},\n`.repeat(25_000)}${late},x\n`);
      expect(table.rowCount).toBe(25_001);
      expect(types(table)[0]).toBe(type);
    },
  );

  it('reads dates with the month as a word, days before months, and numbers with a decimal comma', async () => {
    const table = await load('x.csv', 'a;b;c\nJan 1 2000;1.234,5;13/02/2024\nFeb 29 2000;7;14/02/2024\n');
    expect(types(table)).toEqual(['date', 'float', 'date']);
    expect(table.rows).toEqual([
      ['2000-01-01', 1234.5, '2024-02-13'],
      ['2000-02-29', 7, '2024-02-14'],
    ]);
    expect(table.notes).toContain('The dates of “c” were read as day/month/year.');
    const late = await load('x.csv', `a;b\n${'Jan 1 2000;1,5\n'.repeat(1_000)}soon;some\n`);
    expect(types(late)).toEqual(['text', 'text']);
  });

  it('leaves out a title above the table, and says so', async () => {
    const table = await load('x.csv', 'Sales of 2024\n\na,b,c\n1,2,3\n4,5,6\n');
    expect(table.rows).toHaveLength(2);
    expect(table.notes).toEqual(['2 lines above the table were left out.']);
  });

  it('makes empty and repeated names of columns different', async () => {
    const names = (await load('x.csv', 'a,a,A,, b \n1,2,3,4,5\n')).columns.map(({ name }) => name);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(5);
    expect(names.at(-1)).toBe('b');
  });

  it('does what the caller says about delimiter, header and types', async () => {
    const options = { delimiter: ',', header: false, types: { column1: 'text' }, table: 'Chosen Name' } as const;
    const table = await load('x.csv', '1,2\n3,4\n', options);
    expect(table.name).toBe('chosen_name');
    expect(table.rows).toEqual([
      [1, '2'],
      [3, '4'],
    ]);
  });

  it.each([
    ['too few columns', 'a,b,c\n1,2,3\n4,5\n6,7,8\n', { line: 3, expected: 3, found: 2 }],
    ['too many columns', `a,b\n${'1,2\n'.repeat(30_000)}1,2,3\n`, { line: 30_002, expected: 2, found: 3 }],
    ['a short line after line ends in quotes', `a,b\n${'1,"x\ny"\n'.repeat(20_000)}3\n`, { line: 40_002 }],
    ['a quote never closed', 'a,b\n1,x\n2,"abc\n3,y\n', { line: 3, problem: 'unterminated_quote' }],
    ['text after a closing quote', 'a,b\n1,"he" said\n2,x\n', { line: 2, problem: 'text_after_quote' }],
    ['an overlong line', `a,b\n1,${'x'.repeat(3_000_000)}\n2,y\n`, { line: 2, problem: 'line_too_long' }],
  ])('names the line of %s', async (_what, content, details) => {
    const error = await refusal('x.csv', content);
    expect(error).toMatchObject({ code: 'file_malformed', details });
    expect(String(error)).toContain(`line ${details.line}`);
  });

  it('leaves out lines that are not as the others when it is told to, and tells which and why', async () => {
    const content = 'a,b\n1,"x\ny"\n2\n3,"he" said\n4,z,z\n5,"open\n6,w\n7,"v"\n';
    const table = await load('x.csv', content, { on_bad_lines: 'skip' });
    expect(table.rows).toEqual([
      [1, 'x\ny'],
      [6, 'w'],
      [7, 'v'],
    ]);
    expect(table.rejects).toEqual({
      count: 4,
      lines: [
        { line: 4, reason: 'has 1 column where 2 are expected' },
        { line: 5, reason: 'has text after a closing quote' },
        { line: 6, reason: 'has 3 columns where 2 are expected' },
        { line: 7, reason: 'has text after a closing quote' },
      ],
    });
  });

  it('leaves out bad lines of a long text without touching its neighbours', async () => {
    const lines = Array.from({ length: 60_000 }, (_, n) => (n % 1000 === 999 ? `${n}` : `${n},x${n}`));
    const table = await load('x.csv', `n,word\r\n${lines.join('\r\n')}`, { on_bad_lines: 'skip' });
    expect([table.rowCount, table.rejects.count, table.rejects.lines[0]?.line]).toEqual([59_940, 60, 1_001]);
  });

  it('refuses a value that is not of the type the caller asked for', async () => {
    expect(await refusal('x.csv', 'a,b\n1,2\nx,3\n', { types: { a: 'integer' } })).toMatchObject({
      code: 'file_malformed',
      details: { column: 'a' },
    });
  });

  it.each([
    { delimiter: 'ab' },
    { encoding: 'klingon' as 'utf-8' },
    { quote: 'é' },
    { table: '--' },
    { types: { a: 'list' as const } },
    { types: { missing: 'text' as const } },
  ])('refuses options that mean nothing: %j', async (options) => {
    expect(await refusal('x.csv', 'a,b\n1,2\n', options)).toMatchObject({ code: 'file_malformed' });
  });
});

describe('importing a file that is not what it should be', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

  it.each([
    ['nothing', 'x.csv', '', 'file_empty'],
    ['only blank lines', 'x.csv', '\n\n\n', 'file_empty'],
    ['only a header', 'x.csv', 'a,b\n', 'file_empty'],
    ['an image named .csv', 'x.csv', png, 'file_format_mismatch'],
    ['Parquet named .csv', 'x.csv', Buffer.from('PAR1....PAR1'), 'file_format_mismatch'],
    ['CSV named .parquet', 'x.parquet', 'a,b\n1,2\n', 'file_format_mismatch'],
    ['JSON named .csv', 'x.csv', '[{"a": 1}]', 'file_format_mismatch'],
    ['CSV named .xlsx', 'x.xlsx', 'a,b\n1,2\n', 'file_format_mismatch'],
    ['an image', 'x.png', png, 'file_format_not_supported'],
    ['bytes of no known kind', 'x', Buffer.from([1, 0, 2, 0, 3]), 'file_format_not_supported'],
    ['Parquet that is cut', 'x.parquet', Buffer.from('PAR1 and no more'), 'file_malformed'],
  ])('refuses %s and leaves nothing behind', async (_what, name, content, code) => {
    expect(await refusal(name, content)).toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const file = join(folder, 'upload');
    await writeFile(file, `a,b\n${'1,2\n'.repeat(500_000)}`);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    const request = { file, fileName: 'x.csv', directory: folder, signal: abort.signal, ...bounds() };
    await expect(importFile(request)).rejects.toMatchObject({ code: 'query_cancelled' });
    await rm(file);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('importing Parquet', () => {
  it('writes it again with its nested types', async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const source = join(folder, 'source.parquet');
    await connection.run(
      `COPY (SELECT 1 AS id, [1, 2] AS list, {'a': 'x'} AS record, 1.50::DECIMAL(10,2) AS price) TO '${source}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const request = { file: source, fileName: 'Source.parquet', directory: folder, takenNames: ['source'], signal };
    const [table] = await importFile({ ...request, ...bounds() });
    expect(table?.name).toBe('source_2');
    const page = await readPage({ file: table?.file ?? '', offset: 0, limit: 10, bounds: bounds(), signal });
    expect(page.columns.map(({ type }) => type)).toEqual(['integer', 'list', 'json', 'decimal']);
    expect(page.rows).toEqual([[1, [1, 2], { a: 'x' }, '1.50']]);
  });
});
