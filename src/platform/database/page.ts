/** Keyset pagination, newest first, by the identity key: a page costs the same wherever it begins. */
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { DomainError } from '../errors/domain-error.js';
import { IsFlag } from '../http/is-flag.decorator.js';

export const DEFAULT_PAGE_SIZE = 50;
export const LARGEST_PAGE_SIZE = 200;

/** How a list is asked for. */
export class PageQuery {
  /** How many items to give, at most. */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_PAGE_SIZE)
  limit: number = DEFAULT_PAGE_SIZE;

  /** The `next_cursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;

  /** Count all items as well; costs a second query, which takes longer the more there are. */
  @IsFlag()
  include_total?: boolean;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
  total: number | undefined;
}

/** Ids are PostgreSQL's `integer`. */
export const LARGEST_ID = 2_147_483_647;

/**
 * Runs a query builder page by page, ordered by `id` descending.
 *
 * @param query selects the rows the caller may see, without order or limit
 * @throws DomainError `validation_failed` when the cursor is not one that was given out
 */
export async function paginate<T extends ObjectLiteral & { id: number }>(
  query: SelectQueryBuilder<T>,
  page: PageQuery,
): Promise<Page<T>> {
  const total = page.include_total === true ? await query.clone().getCount() : undefined;
  const key = `${query.alias}.id`;
  if (page.cursor !== undefined) query.andWhere(`${key} < :cursor`, { cursor: decodeCursor(page.cursor) });
  const rows = await query
    .orderBy(key, 'DESC')
    .take(page.limit + 1)
    .getMany();
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > page.limit && last ? encodeCursor(last.id) : null, total };
}

/** A position in a list as clients carry it. */
export function encodeCursor(position: number): string {
  return Buffer.from(String(position)).toString('base64url');
}

/** @throws DomainError `validation_failed` when it was not made by `encodeCursor` */
export function decodeCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = Number(text);
  if (!/^\d{1,10}$/.test(text) || position > LARGEST_ID || encodeCursor(position) !== cursor) {
    throw new DomainError('validation_failed', 'This cursor is not one of ours. Start again without it.', {
      errors: [{ field: 'cursor', message: 'must be the next_cursor of an earlier page' }],
    });
  }
  return position;
}
