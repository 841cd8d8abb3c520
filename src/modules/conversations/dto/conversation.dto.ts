import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { IsFlag, LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { Conversation } from '../entities/conversation.entity.js';

const LONGEST_TITLE = 300;

export class NewConversationDto {
  /** Left out, it is named after the first question. @example 'Revenue in 2025' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(LONGEST_TITLE)
  title?: string | null;

  /** What its questions are about; left out, it is asked for when there is more than one. @example 1 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number | null;
}

/** What to change: what is left out stays as it is. */
export class ChangeConversationDto {
  /** Null names it after the next question. @example 'Revenue in 2025' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(LONGEST_TITLE)
  title?: string | null;

  /** What its next questions are about. @example 1 */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;

  /** Put it away, or take it out again. */
  @MayBeAbsent()
  @IsBoolean()
  archived?: boolean;
}

export class ConversationListQuery extends PageQuery {
  /** Only conversations about this data source. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;

  /** Those that have been put away, instead of the others. */
  @IsFlag()
  archived?: boolean;

  /** Only those with all of these words in the title, or in something that you have said. @example 'revenue' */
  @IsOptional()
  @MaxLength(200)
  @Matches(/[\p{L}\p{N}]/u, { message: 'needs a letter or a digit' })
  text?: string;
}

export class BranchDto {
  /** A message of the conversation; what has been said up to it, with its answer, is taken along. @example 12 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  message_id!: number;

  /** Left out, that of the conversation. @example 'The same for Germany' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(LONGEST_TITLE)
  title?: string | null;
}

/** A talk about data. */
export class ConversationDto {
  /** @example 4 */
  id!: number;
  /** Null before the first question. @example 'How many orders per month?' */
  title!: string | null;
  /** @example 1 */
  data_source_id!: number | null;
  archived!: boolean;
  /** The conversation that it branches off from; null when it is none of its own, or that one is gone. */
  parent_id!: number | null;
  /** The last message that both have. */
  branched_from_id!: number | null;
  created_at!: Date;
  /** Its beginning, while nothing has been said. */
  last_message_at!: Date;

  static from(conversation: Conversation): ConversationDto {
    return {
      id: conversation.id,
      title: conversation.title,
      data_source_id: conversation.dataSourceId,
      archived: !conversation.isActive,
      parent_id: conversation.parentId,
      branched_from_id: conversation.branchedFromId,
      created_at: conversation.createdAt,
      last_message_at: conversation.lastMessageAt,
    };
  }
}

export class ConversationPageDto {
  items!: ConversationDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Conversation>): ConversationPageDto {
    return {
      items: items.map((one) => ConversationDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** What has become of what was asked in a conversation that is deleted. */
export class DeletedConversationDto {
  /** Queries that were deleted with their results. @example [7, 8] */
  deleted_query_ids!: number[];
  /** Queries that stay, because a chart, a kept insight, a verified query, a report, a workspace or another conversation stands on them. @example [] */
  kept_query_ids!: number[];
}
