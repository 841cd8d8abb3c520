import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Page } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import type { RagChunk } from '../entities/rag-chunk.entity.js';
import type { RetrievalSession } from '../entities/retrieval-session.entity.js';
import { IsLabels } from './labels.decorator.js';

/** Where to look; everything that you may see when left out. */
export class SearchFiltersDto {
  /** @example [1] */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(LARGEST_ID, { each: true })
  document_ids?: number[];

  /** Only documents of this data source. @example 1 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;

  /** Only documents with all of these labels. @example { "topic": "returns" } */
  @IsOptional()
  @IsLabels()
  metadata?: Record<string, string>;
}

export class SearchDto {
  /** @example 'How long can I return goods?' */
  @IsString()
  @MaxLength(1000)
  @Matches(/[\p{L}\p{N}]/u, { message: 'needs a letter or a digit' })
  query!: string;

  /** @example 10 */
  @ApiProperty({ required: false })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 10;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SearchFiltersDto)
  filters?: SearchFiltersDto;
}

/** A stretch of a passage’s text, in UTF-16 code units from its beginning. */
export class HighlightDto {
  /** @example 13 */
  start!: number;
  /** @example 21 */
  end!: number;
}

/** A passage that was found. `text` is the content of the document from `start` to `end`: cite it by these. */
export class FoundPassageDto {
  /** @example 1 */
  document_id!: number;
  /** @example 7 */
  chunk_id!: number;
  /** Of the document. @example 'Returns policy' */
  title!: string;
  /** The headings above it, outermost first; empty when there are none. @example 'Returns › Deadlines' */
  heading!: string;
  /** @example 'Goods may be returned within 30 days.' */
  text!: string;
  /** Higher is better; only to be compared within one answer. @example 0.09 */
  score!: number;
  /** Where it is in the document, in UTF-16 code units. @example 120 */
  start!: number;
  /** @example 157 */
  end!: number;
  /** The words of it that were asked for. */
  highlights!: HighlightDto[];
}

/** @param highlights stretches of its text that were asked for */
export function passageOf(chunk: RagChunk, score: number, highlights: readonly HighlightDto[]): FoundPassageDto {
  return {
    document_id: chunk.documentId,
    chunk_id: chunk.id,
    title: chunk.document.title,
    heading: chunk.heading,
    text: chunk.content,
    score,
    start: chunk.startOffset,
    end: chunk.endOffset,
    highlights: highlights.map(({ start, end }) => ({ start, end })),
  };
}

export class SearchAnswerDto {
  /** Best first. */
  items!: FoundPassageDto[];
  /** The record of this search. @example 3 */
  retrieval_session_id!: number;
}

/** A search that was made, and what it found. */
export class RetrievalSessionDto {
  /** @example 3 */
  id!: number;
  /** @example 'How long can I return goods?' */
  query!: string;
  /** Best first; documents that are gone since stay named. @example [1] */
  document_ids!: number[];
  conversation_id!: number | null;
  query_id!: number | null;
  created_at!: Date;

  static from(session: RetrievalSession): RetrievalSessionDto {
    return {
      id: session.id,
      query: session.searchText,
      document_ids: session.retrievedDocIds,
      conversation_id: session.conversationId,
      query_id: session.queryId,
      created_at: session.createdAt,
    };
  }
}

/** A passage that a search found. */
export class SessionPassageDto {
  /** @example 1 */
  document_id!: number;
  /** @example 7 */
  chunk_id!: number;
  /** Where it was in the document, in UTF-16 code units. @example 120 */
  start!: number;
  /** @example 157 */
  end!: number;
  /** @example 0.09 */
  score!: number;
  /** Of the document; null when the passage is gone, or out of your sight. @example 'Returns policy' */
  title!: string | null;
  /** Null when the passage is gone, or out of your sight. @example 'Goods may be returned within 30 days.' */
  text!: string | null;
}

/** A search with the passages that it found. */
export class RetrievalSessionDetailDto extends RetrievalSessionDto {
  /** Best first. */
  passages!: SessionPassageDto[];

  static of(session: RetrievalSession, still: readonly FoundPassageDto[]): RetrievalSessionDetailDto {
    const texts = new Map(still.map((passage) => [passage.chunk_id, passage]));
    const passages = session.passages.map(({ documentId, chunkId, start, end, score }) => ({
      document_id: documentId,
      chunk_id: chunkId,
      start,
      end,
      score,
      title: texts.get(chunkId)?.title ?? null,
      text: texts.get(chunkId)?.text ?? null,
    }));
    return { ...RetrievalSessionDto.from(session), passages };
  }
}

export class RetrievalSessionPageDto {
  items!: RetrievalSessionDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<RetrievalSession>): RetrievalSessionPageDto {
    return {
      items: items.map((session) => RetrievalSessionDto.from(session)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
