import type { ApiBodyOptions } from '@nestjs/swagger';
import { DOCUMENT_LANGUAGES } from '../document-languages.js';

/** The body that carries a document, as a file in a form or as text in JSON: decorators cannot tell of both. */
export const DOCUMENT_BODY: ApiBodyOptions = {
  required: true,
  schema: {
    type: 'object',
    properties: {
      file: {
        type: 'string',
        format: 'binary',
        description: 'Form only: plain text, Markdown, HTML, PDF or DOCX.',
      },
      content: {
        type: 'string',
        maxLength: 5_000_000,
        example: 'Goods may be returned within 30 days.',
        description: 'JSON only: plain text or Markdown, instead of a file.',
      },
      title: {
        type: 'string',
        maxLength: 500,
        example: 'Returns policy',
        description: 'Otherwise as the document calls itself, or its file.',
      },
      data_source_id: {
        type: 'integer',
        minimum: 1,
        example: 1,
        description: 'The data source that it is about: whoever may see that may see the document.',
      },
      language: { type: 'string', enum: [...DOCUMENT_LANGUAGES], example: 'english' },
      metadata: {
        type: 'object',
        additionalProperties: { type: 'string' },
        example: { topic: 'returns' },
        description: 'Labels to filter a search by; in a form, as JSON.',
      },
    },
  },
};
