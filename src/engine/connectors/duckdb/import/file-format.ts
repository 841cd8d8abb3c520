/** What a file is, told by its first bytes; its name is only compared with that. */
import { open } from 'node:fs/promises';
import { EngineError } from '../../../errors.js';

/** The formats that can be imported. */
export type FileFormat = 'delimited' | 'parquet';

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
const JSON_TEXT: Appearance = { format: null, description: 'JSON', extensions: ['json', 'jsonl', 'ndjson', 'geojson'] };
const MARKUP: Appearance = {
  format: null,
  description: 'an HTML or XML document',
  extensions: ['html', 'htm', 'xml', 'svg'],
};
const EXCEL: Appearance = {
  format: null,
  description: 'an Excel workbook',
  extensions: ['xlsx', 'xlsm', 'xls'],
  advice: 'Save the sheet as CSV and upload that.',
};

const unpack = 'Unpack it and upload the file inside.';
/** Signatures at the start of a file, as latin-1. */
const SIGNATURES: readonly (readonly [signature: string, appearance: Appearance])[] = [
  ['PAR1', { format: 'parquet', description: 'a Parquet file', extensions: ['parquet', 'pq', 'parq'] }],
  ['PARE', { format: null, description: 'an encrypted Parquet file', extensions: ['parquet'] }],
  ['PK\x03\x04', { format: null, description: 'a ZIP archive', extensions: ['zip', 'ods', 'docx'], advice: unpack }],
  ['PK\x05\x06', { format: null, description: 'an empty ZIP archive', extensions: ['zip'] }],
  [
    '\x1f\x8b',
    { format: null, description: 'a gzip-compressed file', extensions: ['gz', 'gzip', 'tgz'], advice: unpack },
  ],
  [
    '\x28\xb5\x2f\xfd',
    { format: null, description: 'a Zstandard-compressed file', extensions: ['zst'], advice: unpack },
  ],
  ['BZh', { format: null, description: 'a bzip2-compressed file', extensions: ['bz2'], advice: unpack }],
  ['\xfd7zXZ', { format: null, description: 'an xz-compressed file', extensions: ['xz'], advice: unpack }],
  ['7z\xbc\xaf', { format: null, description: 'a 7-Zip archive', extensions: ['7z'], advice: unpack }],
  ['Rar!', { format: null, description: 'a RAR archive', extensions: ['rar'], advice: unpack }],
  [
    '\xd0\xcf\x11\xe0',
    { ...EXCEL, description: 'an old Microsoft Office document', extensions: ['xls', 'doc', 'ppt'] },
  ],
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
  [JSON_TEXT, MARKUP, EXCEL, ...SIGNATURES.map(([, appearance]) => appearance)]
    .flatMap(({ extensions }) => extensions)
    .concat(['exe', 'dll', 'docx', 'pptx', 'duckdb', 'ods'])
    .filter((extension) => promisedBy(extension) === null),
);

const SAMPLE_BYTES = 64 * 1024;

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
  const appearance = appearanceOf(head);
  const extension = /\.([^.\\/]+)$/.exec(fileName.trim())?.[1]?.toLowerCase() ?? '';
  const promised = promisedBy(extension);
  if (promised && promised !== appearance.format) {
    const expected = promised === 'parquet' ? 'a Parquet file' : 'delimited text';
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
        (appearance.advice ?? 'Upload CSV, TSV or Parquet.'),
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
  if (DELIMITED.extensions.includes(extension)) return 'delimited';
  return ['parquet', 'pq', 'parq'].includes(extension) ? 'parquet' : null;
}

function appearanceOf(head: Buffer): Appearance {
  const latin = head.toString('latin1');
  const signature = SIGNATURES.find(([start]) => latin.startsWith(start))?.[1];
  if (signature?.description === 'a ZIP archive' && /xl\/|\[Content_Types\]\.xml/.test(latin)) return EXCEL;
  if (signature) return signature;
  if (latin.startsWith('DUCK', 8)) return { format: null, description: 'a DuckDB database', extensions: ['duckdb'] };
  const text = latin.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<(!doctype|html|head|body|\?xml|svg|table)/i.test(text)) return MARKUP;
  if (/^(\{\s*["}]|\[\s*([{["\]]|$))/.test(text)) return JSON_TEXT;
  return isText(head) ? DELIMITED : UNKNOWN_BINARY;
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
