import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { DocumentFormat } from '../../../engine/retrieval/document.js';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import { DOCUMENT_LANGUAGES } from '../document-languages.js';
import { DOCUMENT_STATUSES, type DocumentStatus, type RagDocument } from '../entities/rag-document.entity.js';
import { IsLabels } from './labels.decorator.js';

/** What is said about a document, beside its text or file. */
export class DocumentFieldsDto {
  /** Otherwise as the document calls itself, or its file. @example 'Returns policy' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  title?: string | null;

  /** The data source that it is about: whoever may see that may see the document. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number | null;

  /** The language of its words, by which they are reduced to their stems; English when left out. */
  @IsOptional()
  @IsIn(DOCUMENT_LANGUAGES)
  language?: string | null;

  /** Labels to filter a search by, texts by name. @example { "topic": "returns" } */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parsed(value) : value))
  @IsLabels()
  metadata?: Record<string, string> | null;
}

/** A document as text, plain or Markdown. */
export class NewDocumentDto extends DocumentFieldsDto {
  /** @example 'Goods may be returned within 30 days.' */
  @IsString()
  @MinLength(1)
  @MaxLength(5_000_000)
  content!: string;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export class DocumentListQuery extends PageQuery {
  /** Only those of this data source. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;

  @IsOptional()
  @IsIn(DOCUMENT_STATUSES)
  status?: DocumentStatus;
}

export class IngestWaitQuery {
  /** Seconds to wait until it has been read; after that the answer is 202 and the work goes on. @example 10 */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(30)
  wait: number = 10;
}

export class ContentQuery {
  /** Where to begin, in UTF-16 code units, as `start` and `end` of a passage count. @example 0 */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(5_000_000)
  start: number = 0;

  /** How much to give, at most. @example 20000 */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200_000)
  length: number = 20_000;
}

export class DocumentErrorDto {
  /** @example 'file_malformed' */
  code!: string;
  detail!: string;
}

export class DocumentDto {
  /** @example 1 */
  id!: number;
  /** @example 1 */
  data_source_id!: number | null;
  /** @example 'Returns policy' */
  title!: string;
  /** Only `ready` documents are found. */
  status!: DocumentStatus;
  format!: DocumentFormat;
  file_name!: string | null;
  /** @example 'english' */
  language!: string;
  metadata!: Record<string, string>;
  /** Of what was sent. @example 2048 */
  size_bytes!: number;
  /** Passages that it was cut into. @example 4 */
  chunks_count!: number;
  /** The model by whose vectors it is found too; null while it is found by its words only. */
  embedding_model!: string | null;
  /** SHA-256 of what was sent, hexadecimal. */
  content_hash!: string;
  /** Why it failed; null otherwise. */
  error!: DocumentErrorDto | null;
  created_at!: Date;
  updated_at!: Date;

  static from(document: RagDocument): DocumentDto {
    const { errorCode, errorDetail } = document;
    return {
      id: document.id,
      data_source_id: document.dataSourceId,
      title: document.title || (document.fileName ?? ''),
      status: document.status,
      format: document.format,
      file_name: document.fileName,
      language: document.language,
      metadata: document.metadata as Record<string, string>,
      size_bytes: document.sizeBytes,
      chunks_count: document.chunksCount,
      embedding_model: document.embeddedBy,
      content_hash: document.contentHash,
      error: errorCode === null ? null : { code: errorCode, detail: errorDetail ?? '' },
      created_at: document.createdAt,
      updated_at: document.updatedAt,
    };
  }
}

export class DocumentPageDto {
  items!: DocumentDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<RagDocument>): DocumentPageDto {
    return {
      items: items.map((document) => DocumentDto.from(document)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export class DocumentContentDto {
  /** @example 'Goods may be returned within 30 days.' */
  text!: string;
  start!: number;
  end!: number;
  /** Of the whole content. @example 37 */
  length!: number;
}
