import type { ApiBodyOptions } from '@nestjs/swagger';

const PARTS = {
  file: {
    type: 'array',
    items: { type: 'string', format: 'binary' },
    description:
      'CSV, TSV, JSON, NDJSON, XLSX or Parquet, each also gzip- or Zstandard-compressed; repeat the part for more tables.',
  },
  name: { type: 'string', maxLength: 200, example: 'Bicycle shop', description: 'Otherwise named after the file.' },
  description: { type: 'string', maxLength: 2000 },
  options: {
    type: 'string',
    description:
      'JSON: {"delimiter": ";", "quote": "\\"", "header": true, "types": {"zip_code": "text"}, "table": "airports", ' +
      '"sheet": "Sales", "on_bad_lines": "skip"}. ' +
      'What is left out is found out from the file.',
    example: '{"delimiter": ";"}',
  },
} as const;

/** The multipart body of an upload, as OpenAPI tells it: decorators cannot, because it is read as a stream. */
export const UPLOAD_BODY: ApiBodyOptions = {
  required: true,
  schema: {
    type: 'object',
    required: ['file'],
    properties: PARTS,
  },
};

/** The same for more files of a source that has its name. */
export const FILES_BODY: ApiBodyOptions = {
  required: true,
  schema: {
    type: 'object',
    required: ['file'],
    properties: { file: PARTS.file, options: PARTS.options },
  },
};
