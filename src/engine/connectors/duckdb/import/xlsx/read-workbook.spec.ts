import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Importing, type Loaded } from '../importing.fixture.js';
import { type Sheet, rowOf, workbookOf, workbookParts, zipOf } from './zip.fixture.js';

const sheet = (rows: string, more: Partial<Sheet> = {}): Sheet => ({ name: 'Sheet1', rows, ...more });

describe('importing a workbook', () => {
  let importing: Importing;

  beforeAll(async () => {
    importing = await Importing.inNewFolder();
  });
  afterAll(() => importing.close());

  const types = ({ columns }: Loaded): string[] => columns.map(({ type }) => type);

  it('makes a table of one sheet, named after the file', async () => {
    const rows = rowOf('id', 'price', 'name') + rowOf(1, 9.5, 'a "b"\r\nc') + rowOf(2, null, ' d ');
    const table = await importing.loadOne('Price list.xlsx', workbookOf({ sheets: [sheet(rows)] }));
    expect([table.name, types(table)]).toEqual(['price_list', ['integer', 'float', 'text']]);
    expect(table.rows).toEqual([
      [1, 9.5, 'a "b"\nc'],
      [2, null, ' d '],
    ]);
  });

  it('makes a table of every sheet that has rows, and says which it left out', async () => {
    const content = rowOf('a') + rowOf(1);
    const workbook = workbookOf({
      sheets: [
        sheet(content, { name: 'North' }),
        sheet('', { name: 'Empty' }),
        sheet(content, { name: 'Secret', state: 'veryHidden' }),
        sheet(content, { name: 'South' }),
      ],
    });
    const tables = await importing.load('x.xlsx', workbook);
    expect(tables.map(({ name }) => name)).toEqual(['north', 'south']);
    expect(tables[0]?.notes).toEqual([
      'Hidden sheets were left out: Secret.',
      'Sheets without rows were left out: Empty.',
    ]);
    expect((await importing.loadOne('x.xlsx', workbook, { sheet: 'Secret' })).reading.sheet).toBe('Secret');
    expect(await importing.refusal('x.xlsx', workbook, { sheet: 'West' })).toMatchObject({
      code: 'file_malformed',
      message: expect.stringContaining('North, Empty, Secret, South'),
    });
  });

  it('reads shared texts, also rich and escaped ones', async () => {
    const rows = `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row>`;
    const sharedStrings = [
      '<t>plain</t>',
      '<r><t>ri</t></r><r><t>ch</t></r><rPh><t>read out</t></rPh>',
      '<t>a &amp; b_x0009_c</t>',
      '<t>é</t>',
    ];
    const table = await importing.loadOne('x.xlsx', workbookOf({ sheets: [sheet(rows)], sharedStrings }));
    expect(table.columns.map(({ name }) => name)).toEqual(['plain', 'rich']);
    expect(table.rows).toEqual([['a & b\tc', 'é']]);
  });

  it.each([
    [false, '1900-03-01', 61],
    [false, '1900-02-28', 59],
    [false, '2024-02-29', 45_351],
    [true, '2024-02-29', 45_351 - 1_462],
  ])('reads days that count from 1904: %s', async (date1904, day, serial) => {
    const rows = `${rowOf('day')}<row><c s="1"><v>${serial}</v></c></row>`;
    const workbook = workbookOf({ sheets: [sheet(rows)], formats: ['dd/mm/yyyy'], date1904 });
    const table = await importing.loadOne('x.xlsx', workbook);
    expect([types(table), table.rows]).toEqual([['date'], [[day]]]);
  });

  it('tells days, moments, times of day and plain numbers by their format', async () => {
    const formats = ['yyyy-mm-dd', 'yyyy-mm-dd hh:mm', 'h:mm AM/PM', '[h]:mm', '#,##0.00 &quot;days&quot;', '[Red]0;d'];
    const cells = [45_000, 45_000.25, 0.5, 1.5, 3, 4].map((value, at) => `<c s="${at + 1}"><v>${value}</v></c>`);
    const rows = `${rowOf('day', 'moment', 'time', 'span', 'count', 'red')}<row>${cells.join('')}</row>`;
    const table = await importing.loadOne('x.xlsx', workbookOf({ sheets: [sheet(rows)], formats }));
    expect(types(table)).toEqual(['date', 'timestamp', 'time', 'float', 'integer', 'integer']);
    expect(table.rows).toEqual([['2023-03-15', '2023-03-15T06:00:00', '12:00:00', 1.5, 3, 4]]);
  });

  it('takes truth, kept results of formulas, and errors as nothing', async () => {
    const rows = `${rowOf('ok', 'sum', 'word')}
      <row><c t="b"><v>1</v></c><c><f>1+1</f><v>2</v></c><c t="str"><f>A1</f><v>x</v></c></row>
      <row><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c><c t="e"><v>#REF!</v></c></row>`;
    const table = await importing.loadOne('x.xlsx', workbookOf({ sheets: [sheet(rows)] }));
    expect([types(table), table.rows]).toEqual([
      ['boolean', 'integer', 'text'],
      [
        [true, 2, 'x'],
        [false, null, null],
      ],
    ]);
    expect(table.notes[0]).toBe('“sum” has 1 cells with an error such as #N/A; they are empty.');
  });

  it('finds the table below a title, beside an empty column, with rows wider than the first hundred', async () => {
    const title = '<row r="1"><c r="B1" t="inlineStr"><is><t>Sales of 2024</t></is></c></row>';
    const at = (row: number, ...cells: [string, string][]): string =>
      `<row r="${row}">${cells.map(([column, value]) => `<c r="${column}${row}" t="str"><v>${value}</v></c>`).join('')}</row>`;
    const many = Array.from({ length: 150 }, (_, n) => at(n + 4, ['B', 'x'], ['C', 'y'])).join('');
    const rows = `${title}${at(3, ['B', 'first'], ['C', 'second'])}${many}${at(200, ['B', 'x'], ['F', 'late'])}`;
    const table = await importing.loadOne('x.xlsx', workbookOf({ sheets: [sheet(rows)] }));
    expect(table.columns.map(({ name }) => name)).toEqual(['first', 'second', 'column_3']);
    expect(table.rowCount).toBe(151);
    expect(table.notes).toContain('1 rows above the table were left out.');
  });

  it('knows a first row of data from names, unless it is told', async () => {
    const numbers = workbookOf({ sheets: [sheet(rowOf(1, 'a') + rowOf(2, 'b'))] });
    expect((await importing.loadOne('x.xlsx', numbers)).rowCount).toBe(2);
    expect((await importing.loadOne('x.xlsx', numbers, { header: true })).rowCount).toBe(1);
  });

  it('says what merged cells lose, and keeps what is mixed as text', async () => {
    const after = '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>';
    const rows = rowOf('a', 'b') + rowOf('x', 1) + rowOf(null, 'n/a');
    const table = await importing.loadOne('x.xlsx', workbookOf({ sheets: [sheet(rows, { after })] }));
    expect(table.rows).toEqual([
      ['x', '1'],
      [null, 'n/a'],
    ]);
    expect(table.notes).toEqual([
      '“b” holds values of several kinds; all are kept as text.',
      '1 merged ranges: only the first cell of each has the value.',
    ]);
  });

  it('refuses a workbook without rows', async () => {
    expect(await importing.refusal('x.xlsx', workbookOf({ sheets: [sheet(rowOf('a', 'b'))] }))).toMatchObject({
      code: 'file_empty',
    });
  });

  describe('that is made to do harm', () => {
    const good = (): ReturnType<typeof workbookParts> => workbookParts({ sheets: [sheet(rowOf('a') + rowOf(1))] });
    const withSheet = (content: string): Buffer =>
      zipOf(good().map((part) => (part.name.includes('sheet1') ? { ...part, content } : part)));
    const bomb =
      '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>';

    it.each([
      ['a huge ratio', () => zipOf([...good(), { name: 'xl/media/a', content: Buffer.alloc(150_000_000) }]), 'ratio'],
      [
        'more than may be unpacked, by the directory alone',
        () => zipOf([...good(), { name: 'xl/media/a', content: 'x', claims: { size: 0xf000_0000 } }]),
        'ratio',
      ],
      [
        'many entries',
        () => zipOf([...good(), ...Array.from({ length: 10_001 }, (_, n) => ({ name: `n${n}`, content: '' }))]),
        'entries',
      ],
      [
        'a part larger than the directory says',
        () =>
          zipOf(
            good().map((part) =>
              part.name.includes('sheet1') ? { ...part, content: ' '.repeat(5_000_000), claims: { size: 100 } } : part,
            ),
          ),
        'size',
      ],
      ['one name twice', () => zipOf([...good(), { name: 'XL/workbook.xml', content: 'x' }]), 'duplicate_names'],
      [
        'entries over each other',
        () => zipOf([...good(), { name: 'xl/again.xml', content: 'x'.repeat(100), claims: { offset: 20 } }]),
        'overlap',
      ],
      ['a path that leads out', () => zipOf([...good(), { name: '../../etc/passwd', content: 'x' }]), 'path'],
      ['an absolute path', () => zipOf([...good(), { name: '/etc/passwd', content: 'x' }]), 'path'],
      [
        'a link',
        () => zipOf([...good(), { name: 'xl/link', content: '/etc/passwd', claims: { attributes: 0xa1ff_0000 } }]),
        'link',
      ],
      ['encryption', () => zipOf(good().map((part) => ({ ...part, claims: { flags: 0x801 } }))), 'encrypted'],
      ['an unusual method', () => zipOf(good().map((part) => ({ ...part, claims: { method: 12 } }))), 'compression'],
      ['no end', () => zipOf(good()).subarray(0, 900), 'damaged'],
      ['entities', () => withSheet(bomb), 'document_type'],
      ['broken XML', () => withSheet('<worksheet><sheetData><row></sheetData>'), 'xml'],
      [
        'a million columns',
        () => withSheet(`<w><sheetData><row><c r="XFD1"><v>1</v></c></row></sheetData></w>`),
        'columns',
      ],
    ])('is refused for %s', async (_what, make, problem) => {
      expect(await importing.refusal('x.xlsx', make())).toMatchObject({
        code: expect.stringMatching(/^file_(malformed|unpacks_too_large)$/),
        details: { problem },
      });
    });

    it.each([
      ['many rows', '<row><c t="s"><v>0</v></c></row>'.repeat(20_000), 'file_unpacks_too_large', 'ratio'],
      ['one row', `<row>${'<c t="s"><v>0</v></c>'.repeat(100)}</row>`, 'file_malformed', 'row_too_large'],
    ])('is refused when one long text stands in thousands of cells of %s', async (_where, rows, code, problem) => {
      const workbook = workbookOf({
        sheets: [sheet(rows + rowOf(1))],
        sharedStrings: [`<t>${'x'.repeat(32_000)}</t>`],
      });
      expect(await importing.refusal('x.xlsx', workbook)).toMatchObject({ code, details: { problem } });
    });

    it('is no workbook when it holds other archives', async () => {
      const nested = zipOf([{ name: 'inner.zip', content: zipOf([{ name: 'a', content: 'x' }]) }]);
      expect(await importing.refusal('x.xlsx', nested)).toMatchObject({ code: 'file_format_not_supported' });
      expect(await importing.refusal('x.zip', nested)).toMatchObject({ code: 'file_format_not_supported' });
    });
  });
});
