import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import type { Page } from '../../../platform/database/index.js';
import { type ConversationMemory, MEMORY_TYPES, type MemoryType } from '../entities/conversation-memory.entity.js';
import { effectOf } from '../memory-kinds.js';

export class NewMemoryDto {
  /** `short_term`: what the next question goes on from; `long_term`: words; `user_pref`: preferences. */
  @IsIn(MEMORY_TYPES)
  type!: MemoryType;

  /** `context` (short-term), `synonym:` and a term (long-term), or `max_rows` (preference). @example 'synonym:customers' */
  @IsString()
  @MaxLength(200)
  @Matches(/\S/, { message: 'must not be blank' })
  key!: string;

  /** `{"query_id": 7}` for `context`, `{"means": "accounts"}` for a synonym, `{"rows": 100}` for `max_rows`. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { means: 'accounts' } })
  @IsObject()
  value!: Record<string, unknown>;
}

export class ChangeMemoryDto {
  /** As when it is made. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { means: 'accounts' } })
  @IsObject()
  value!: Record<string, unknown>;
}

/** Something that a conversation keeps in mind. */
export class MemoryDto {
  /** @example 2 */
  id!: number;
  type!: MemoryType;
  /** @example 'synonym:customers' */
  key!: string;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { means: 'accounts' } })
  value!: Record<string, unknown>;
  /** What it does. @example '“customers” is read as “accounts” in the questions of this conversation.' */
  effect!: string;
  created_at!: Date;
  updated_at!: Date;

  static from(memory: ConversationMemory): MemoryDto {
    return {
      id: memory.id,
      type: memory.memoryType,
      key: memory.key,
      value: memory.value,
      effect: effectOf(memory),
      created_at: memory.createdAt,
      updated_at: memory.updatedAt,
    };
  }
}

export class MemoryPageDto {
  items!: MemoryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<ConversationMemory>): MemoryPageDto {
    return {
      items: items.map((one) => MemoryDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
