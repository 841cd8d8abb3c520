/** What a file is, told by its first bytes; its name is only compared with that. */
import { open } from 'node:fs/promises';
import { EngineError } from '../../../errors.js';

/** The formats that can be imported. */
export type FileFormat = 'delimited' | 'parquet' | 'json' | 'xlsx';

interface Appearance {
  format: FileFormat | null;
  /** As it stands in a sentence: "a PDF document". */
  description: string;
  extensions: readonly string[];
  /** What to do about it, where that is more than "save it as …". */
  advice?: string;
}

const DELIMITED: Appearance = {
  format: 'delimited',
  description: 'delimited text such as CSV',
  extensions: ['csv', 'tsv', 'tab', 'psv', 'txt', 'dat', 'data', 'text'],
};
const UNKNOWN_BINARY: Appearance = { format: null, description: 'binary data of an unknown kind', extensions: [] };
const JSON_TEXT: Appearance = {
  format: 'json',
  description: 'JSON',
  extensions: ['json', 'jsonl', 'ndjson', 'geojson'],
};
const MARKUP: Appearance = {
  format: null,
  description: 'an HTML or XML document',
  extensions: ['html', 'htm', 'xml', 'svg'],
};
const WORKBOOK: Appearance = { format: 'xlsx', description: 'an Excel workbook', extensions: ['xlsx', 'xlsm'] };
const SAVE_AS = 'Save it as XLSX or CSV and upload that.';
const OPEN_DOCUMENT: Appearance = {
  format: null,
  description: 'an OpenDocument file',
  extensions: ['ods', 'odt', 'odp'],
  advice: SAVE_AS,
};
const BINARY_WORKBOOK: Appearance = {
  format: null,
  description: 'a binary Excel workbook',
  extensions: ['xlsb'],
  advice: SAVE_AS,
};
const OLD_OFFICE: Appearance = {
  format: null,
  description: 'an old or a protected Microsoft Office document',
  extensions: ['xls', 'doc', 'ppt'],
  advice: 'Remove its password if it has one, save it as XLSX or CSV, and upload that.',
};

const unpack = 'Unpack it and upload the file inside.';
const ZIP: Appearance = { format: null, description: 'a ZIP archive', extensions: ['zip', 'docx'], advice: unpack };
/** Compressed twice: the first layer has been taken off before anybody looks for these. */
const TWICE = 'Compress a file once only.';
/** Signatures at the start of a file, as latin-1. */
const SIGNATURES: readonly (readonly [signature: string, appearance: Appearance])[] = [
  ['PAR1', { format: 'parquet', description: 'a Parquet file', extensions: ['parquet', 'pq', 'parq'] }],
  ['PARE', { format: null, description: 'an encrypted Parquet file', extensions: ['parquet'] }],
  ['PK\x03\x04', ZIP],
  ['PK\x05\x06', { format: null, description: 'an empty ZIP archive', extensions: ['zip'] }],
  [
    '\x1f\x8b',
    { format: null, description: 'a gzip-compressed file', extensions: ['gz', 'gzip', 'tgz'], advice: TWICE },
  ],
  [
    '\x28\xb5\x2f\xfd',
    { format: null, description: 'a Zstandard-compressed file', extensions: ['zst', 'zstd'], advice: TWICE },
  ],
  ['BZh', { format: null, description: 'a bzip2-compressed file', extensions: ['bz2'], advice: unpack }],
  ['\xfd7zXZ', { format: null, description: 'an xz-compressed file', extensions: ['xz'], advice: unpack }],
  ['7z\xbc\xaf', { format: null, description: 'a 7-Zip archive', extensions: ['7z'], advice: unpack }],
  ['Rar!', { format: null, description: 'a RAR archive', extensions: ['rar'], advice: unpack }],
  ['\xd0\xcf\x11\xe0', OLD_OFFICE],
  ['\x89PNG', { format: null, description: 'a PNG image', extensions: ['png'] }],
  ['\xff\xd8\xff', { format: null, description: 'a JPEG image', extensions: ['jpg', 'jpeg'] }],
  ['GIF8', { format: null, description: 'a GIF image', extensions: ['gif'] }],
  ['%PDF', { format: null, description: 'a PDF document', extensions: ['pdf'] }],
  ['SQLite format 3\0', { format: null, description: 'an SQLite database', extensions: ['sqlite', 'sqlite3', 'db'] }],
  ['ARROW1', { format: null, description: 'an Arrow file', extensions: ['arrow', 'feather'] }],
  ['Obj\x01', { format: null, description: 'an Avro file', extensions: ['avro'] }],
  ['ORC', { format: null, description: 'an ORC file', extensions: ['orc'] }],
  ['\x7fELF', { format: null, description: 'a program', extensions: [] }],
];

/** Endings that belong to something that is no text in lines. */
const OTHER_EXTENSIONS = new Set(
  [MARKUP, OPEN_DOCUMENT, BINARY_WORKBOOK, ...SIGNATURES.map(([, appearance]) => appearance)]
    .flatMap(({ extensions }) => extensions)
    .concat(['exe', 'dll', 'pptx', 'duckdb'])
    .filter((extension) => promisedBy(extension) === null),
);

const SAMPLE_BYTES = 64 * 1024;

/** What a file of each format is called in a sentence. */
const IN_WORDS: Record<FileFormat, string> = {
  delimited: 'delimited text',
  parquet: 'a Parquet file',
  json: 'JSON',
  xlsx: 'an Excel workbook',
};

/**
 * Tells the format of a file and makes sure that its name does not say another.
 *
 * @param file where it lies
 * @param fileName what its owner calls it
 * @throws EngineError `file_empty`; `file_format_mismatch` when the name promises something else;
 *   `file_format_not_supported`
 */
export async function identifyFile(file: string, fileName: string): Promise<FileFormat> {
  const head = await readHead(file, SAMPLE_BYTES);
  if (head.length === 0) throw new EngineError('file_empty', `“${fileName}” is empty. Upload a file that has rows.`);
  const extension = /\.([^.\\/]+)$/.exec(fileName.trim())?.[1]?.toLowerCase() ?? '';
  const promised = promisedBy(extension);
  const appearance = appearanceOf(head, promised);
  if (promised && promised !== appearance.format) {
    const expected = IN_WORDS[promised];
    throw new EngineError(
      'file_format_mismatch',
      `“${fileName}” should be ${expected} by its name, but it looks like ${appearance.description}. ` +
        (appearance.advice ?? 'Check that it is the right file, and give it the name that fits.'),
      { details: { found: appearance.description, expected } },
    );
  }
  if (appearance.format === 'delimited' && OTHER_EXTENSIONS.has(extension)) {
    throw new EngineError(
      'file_format_mismatch',
      `“${fileName}” is not what its name says: it looks like ${appearance.description}. ` +
        'Check that it is the right file, and name it .csv if it is.',
      { details: { found: appearance.description, expected: extension } },
    );
  }
  if (!appearance.format) {
    throw new EngineError(
      'file_format_not_supported',
      `“${fileName}” looks like ${appearance.description}, which cannot be imported. ` +
        (appearance.advice ?? 'Upload CSV, TSV, JSON, NDJSON, XLSX or Parquet.'),
      { details: { found: appearance.description } },
    );
  }
  return appearance.format;
}

/** The first bytes of a file. */
export async function readHead(file: string, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function promisedBy(extension: string): FileFormat | null {
  if (['parquet', 'pq', 'parq'].includes(extension)) return 'parquet';
  return [DELIMITED, JSON_TEXT, WORKBOOK].find(({ extensions }) => extensions.includes(extension))?.format ?? null;
}

function appearanceOf(head: Buffer, promised: FileFormat | null): Appearance {
  const latin = head.toString('latin1');
  const signature = SIGNATURES.find(([start]) => latin.startsWith(start))?.[1];
  if (signature === ZIP) return kindOfZip(latin, promised);
  if (signature) return signature;
  if (latin.startsWith('DUCK', 8)) return { format: null, description: 'a DuckDB database', extensions: ['duckdb'] };
  if (latin.startsWith('ustar', 257)) {
    return { format: null, description: 'a tar archive', extensions: ['tar'], advice: unpack };
  }
  const text = asText(head, latin).trimStart();
  if (/^<(!doctype|html|head|body|\?xml|svg|table)/i.test(text)) return MARKUP;
  if (/^(\{\s*["}]|\[\s*([{["\]]|$))/.test(text)) return JSON_TEXT;
  // Not what a record begins with, but by its name meant to be JSON: its reader tells what is wrong.
  if (promised === 'json' && /^[{[]/.test(text)) return JSON_TEXT;
  return isText(head) ? DELIMITED : UNKNOWN_BINARY;
}

/** What the names of the first files in an archive tell; an archive that is called a workbook is looked into later. */
function kindOfZip(latin: string, promised: FileFormat | null): Appearance {
  if (latin.includes('application/vnd.oasis.opendocument')) return OPEN_DOCUMENT;
  if (latin.includes('xl/workbook.bin')) return BINARY_WORKBOOK;
  return promised === 'xlsx' || /xl\/|\[Content_Types\]\.xml/.test(latin) ? WORKBOOK : ZIP;
}

function asText(head: Buffer, latin: string): string {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString('utf16le').slice(1);
  if (head[0] === 0xfe && head[1] === 0xff) {
    return Buffer.from(head.subarray(0, head.length & ~1))
      .swap16()
      .toString('utf16le')
      .slice(1);
  }
  return latin.replace(/^\xef\xbb\xbf/, '');
}

/** UTF-16 is recognised by its mark; any other text has no NUL and hardly a control character. */
function isText(head: Buffer): boolean {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (isUtf16) return true;
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 26) controls += 1;
  }
  return controls <= head.length / 100;
}
