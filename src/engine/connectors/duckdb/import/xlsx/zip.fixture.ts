/** ZIP archives and workbooks as tests need them: well-made, or made to mislead. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  content: string | Uint8Array;
  /** What the directory says, where that is not the truth. */
  claims?: { size?: number; offset?: number; flags?: number; attributes?: number; method?: number };
}

/** Deflated, with sizes in the local headers; sizes that are claimed may be beyond 32 bits. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claims = {} } of entries) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw);
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(claims.flags ?? 0x800, 2);
    common.writeUInt16LE(claims.method ?? 8, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    const size = claims.size ?? raw.length;
    const large = size > 0xffff_fffe;
    common.writeUInt32LE(large ? 0xffff_ffff : size, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, packed]);
    // Sizes beyond 32 bits stand in a field of their own (zip64).
    const extra = Buffer.alloc(large ? 12 : 0);
    if (large) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(8, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(claims.attributes ?? 0, 6);
    rest.writeUInt32LE(claims.offset ?? offset, 10);
    const made = Buffer.from('PK\x01\x02\x14\x03', 'latin1');
    const inDirectory = Buffer.from(common);
    inDirectory.writeUInt16LE(extra.length, 24);
    directory.push(Buffer.concat([made, inDirectory, rest, path, extra]));
    locals.push(local);
    offset += local.length;
  }
  return Buffer.concat([...locals, ...directory, endOf(entries.length, Buffer.concat(directory).length, offset)]);
}

function endOf(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

export interface Sheet {
  name: string;
  /** What stands in `<sheetData>`. */
  rows: string;
  state?: 'hidden' | 'veryHidden';
  /** What stands behind `<sheetData>`. */
  after?: string;
}

export interface WorkbookContent {
  sheets: readonly Sheet[];
  sharedStrings?: readonly string[];
  /** Codes of number formats; style 0 is general, style 1 has the first of them, and so on. */
  formats?: readonly string[];
  date1904?: boolean;
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

/** The parts of a workbook. */
export function workbookParts({ sheets, sharedStrings, formats, date1904 }: WorkbookContent): ZipEntry[] {
  const relation = (id: string, kind: string, target: string): string =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${kind}" Target="${target}"/>`;
  const relations = (list: readonly string[]): string =>
    `<?xml version="1.0"?><Relationships xmlns="${PACKAGE}">${list.join('')}</Relationships>`;
  const named = sheets.map(
    ({ name, state = 'visible' }, index) =>
      `<sheet name="${name}" sheetId="${index + 1}" state="${state}" r:id="s${index}"/>`,
  );
  const codes = formats ?? [];
  const parts: ZipEntry[] = [
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: '_rels/.rels', content: relations([relation('w', 'officeDocument', 'xl/workbook.xml')]) },
    {
      name: 'xl/workbook.xml',
      content: `<?xml version="1.0"?><workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}">
        <workbookPr date1904="${date1904 === true ? 1 : 0}"/><sheets>${named.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations([
        ...sheets.map((_, index) => relation(`s${index}`, 'worksheet', `worksheets/sheet${index + 1}.xml`)),
        relation('t', 'sharedStrings', 'sharedStrings.xml'),
        relation('f', 'styles', '/xl/styles.xml'),
      ]),
    },
    {
      name: 'xl/styles.xml',
      content: `<styleSheet xmlns="${MAIN}"><numFmts>${codes
        .map((code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${code}"/>`)
        .join('')}</numFmts><cellXfs><xf numFmtId="0"/>${codes
        .map((_, index) => `<xf numFmtId="${200 + index}"/>`)
        .join('')}</cellXfs></styleSheet>`,
    },
    ...sheets.map(({ rows, after = '' }, index) => ({
      name: `xl/worksheets/sheet${index + 1}.xml`,
      content: `<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData>${after}</worksheet>`,
    })),
  ];
  if (sharedStrings !== undefined) {
    const items = sharedStrings.map((text) => `<si>${text}</si>`).join('');
    parts.push({ name: 'xl/sharedStrings.xml', content: `<sst xmlns="${MAIN}">${items}</sst>` });
  }
  return parts;
}

export function workbookOf(content: WorkbookContent): Buffer {
  return zipOf(workbookParts(content));
}

/** A row of numbers and texts, one cell after the other. */
export function rowOf(...values: readonly (number | string | null)[]): string {
  const cells = values.map((value) => {
    if (value === null) return '<c/>';
    return typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  });
  return `<row>${cells.join('')}</row>`;
}
