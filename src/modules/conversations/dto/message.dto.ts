import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import { ClarificationDto, QueryDto } from '../../queries/index.js';
import { DefinitionDto } from './definition.dto.js';
import {
  type ConversationMessage,
  MESSAGE_ROLES,
  type MessageRole,
  type MessageStatus,
  REPLY_KINDS,
  type ReplyKind,
} from '../entities/conversation-message.entity.js';

const LONGEST_WAIT_SECONDS = 30;
const LONGEST_TEXT = 10_000;

export class SayDto {
  /** A question, the answer to one that was asked back, an instruction, or a greeting. @example 'How many orders per month?' */
  @IsString()
  @MaxLength(LONGEST_TEXT)
  text!: string;

  /** The data that it is about; the conversation goes on with it. Left out, that of the conversation. @example 1 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number | null;
}

export class SayQuery {
  /** Seconds to wait for the answer; after that the reply is 202 and the turn goes on. Not for streams. @example 10 */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LONGEST_WAIT_SECONDS)
  wait: number = 10;
}

export class MessageListQuery extends PageQuery {
  /** `asc` gives the oldest first. */
  @ApiProperty({ required: false })
  @IsOptional()
  @IsIn(['asc', 'desc'])
  order: 'asc' | 'desc' = 'asc';
}

/** A passage that a reply points to. `text` is the content of the document from `start` to `end`. */
export class CitationDto {
  /** @example 3 */
  document_id!: number;
  /** @example 'Returns policy' */
  title!: string;
  /** @example 'Returns › Deadlines' */
  heading!: string;
  /** @example 'Goods may be returned within 30 days.' */
  text!: string;
  /** In UTF-16 code units. @example 120 */
  start!: number;
  /** @example 157 */
  end!: number;
}

export class MessageErrorDto {
  /** @example 'query_timeout' */
  code!: string;
  /** @example 'The query took longer than 60 seconds and was stopped.' */
  detail!: string;
}

/** What of a message is read anew whenever it is told, because it stands on rows and documents. */
export interface ReadAnew {
  /** What is said of the rows, with values of them; null where they may not be given out. */
  sentence: string | null;
  outdated: boolean;
  clarification: ClarificationDto | null;
  citations: CitationDto[];
  definitions: DefinitionDto[];
}

/** One thing said in a conversation. */
export class MessageDto {
  /** @example 12 */
  id!: number;
  /** @example 4 */
  conversation_id!: number;
  @ApiProperty({ enum: MESSAGE_ROLES })
  role!: MessageRole;
  /** What a reply is; null for what you have said, and while a reply is in progress. */
  @ApiProperty({ enum: REPLY_KINDS, nullable: true })
  kind!: ReplyKind | null;
  status!: MessageStatus;
  /** Empty while a reply is in progress. @example 'Number of orders: 118.' */
  text!: string;
  /** The message that it replies to. @example 11 */
  reply_to_id!: number | null;
  /** @example 1 */
  data_source_id!: number | null;
  /** The query that answers it, with its rows at `/queries/{id}`; null when there is none, or it is gone. @example 7 */
  query_id!: number | null;
  /** What is asked back, while it is open: answer by saying which one. */
  clarification!: ClarificationDto | null;
  /** Questions that can be asked. @example ['How many orders per month?'] */
  suggestions!: string[];
  /** Passages of documents that may help; they are quoted, nothing is concluded from them. */
  citations!: CitationDto[];
  /** What documents say that words of the question mean, where the data has no such words. */
  definitions!: DefinitionDto[];
  /** Documents that the reply points to. @example [] */
  source_ids!: number[];
  error!: MessageErrorDto | null;
  /** The model that wrote the text, whose figures were looked up in the rows; null for words that are made without one. */
  model!: string | null;
  /** What you may see of the data has changed since: the values are not told any more. */
  outdated!: boolean;
  created_at!: Date;

  static from(message: ConversationMessage, anew: ReadAnew): MessageDto {
    const { sentence, outdated, clarification, citations, definitions } = anew;
    const { messageMeta: meta } = message;
    return {
      id: message.id,
      conversation_id: message.conversationId,
      role: message.role,
      kind: meta.kind ?? null,
      status: message.status,
      text: sentence ?? message.messageText,
      reply_to_id: message.replyToId,
      data_source_id: message.dataSourceId,
      query_id: message.queryId,
      clarification,
      suggestions: meta.suggestions ?? [],
      citations,
      definitions,
      source_ids: message.sourceIds,
      error: meta.error ?? null,
      model: sentence === null ? null : (meta.model ?? null),
      outdated,
      created_at: message.createdAt,
    };
  }
}

/** A reply with the query behind it: SQL, first rows, chart, findings and receipt. */
export class ReplyDto extends MessageDto {
  /** Null when nothing was asked of data, and when the rows may not be given out. */
  query!: QueryDto | null;
}

export class MessagePageDto {
  items!: MessageDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<MessageDto>): MessagePageDto {
    return { items, next_cursor: nextCursor, ...(total === undefined ? {} : { total }) };
  }
}
