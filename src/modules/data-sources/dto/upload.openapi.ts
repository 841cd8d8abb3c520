import type { ApiBodyOptions } from '@nestjs/swagger';

/** The multipart body of an upload, as OpenAPI tells it: decorators cannot, because it is read as a stream. */
export const UPLOAD_BODY: ApiBodyOptions = {
  required: true,
  schema: {
    type: 'object',
    required: ['file'],
    properties: {
      file: {
        type: 'array',
        items: { type: 'string', format: 'binary' },
        description: 'CSV, TSV or Parquet; repeat the part for more tables.',
      },
      name: { type: 'string', maxLength: 200, example: 'Bicycle shop', description: 'Otherwise named after the file.' },
      description: { type: 'string', maxLength: 2000 },
      options: {
        type: 'string',
        description:
          'JSON: {"delimiter": ";", "quote": "\\"", "header": true, "types": {"zip_code": "text"}, "table": "airports"}. ' +
          'What is left out is found out from the file.',
        example: '{"delimiter": ";"}',
      },
    },
  },
};
