/** Keyset pagination, by the identity key or by time: a page costs the same wherever it begins. */
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
 * Runs a query builder page by page, ordered by `id`, the newest first unless said otherwise.
 *
 * @param query selects the rows the caller may see, without order or limit
 * @throws DomainError `validation_failed` when the cursor is not one that was given out
 */
export async function paginate<T extends ObjectLiteral & { id: number }>(
  query: SelectQueryBuilder<T>,
  page: PageQuery,
  order: 'ASC' | 'DESC' = 'DESC',
): Promise<Page<T>> {
  const total = page.include_total === true ? await query.clone().getCount() : undefined;
  const key = `${query.alias}.id`;
  if (page.cursor !== undefined) {
    query.andWhere(`${key} ${order === 'ASC' ? '>' : '<'} :cursor`, { cursor: decodeCursor(page.cursor) });
  }
  const rows = await query
    .orderBy(key, order)
    .take(page.limit + 1)
    .getMany();
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > page.limit && last ? encodeCursor(last.id) : null, total };
}

/**
 * Selects the ids of rows that the query has in one of its ways, the nearest ones: `SELECT one.id FROM … one WHERE … ${beyond} ORDER BY ${first}`. Together
 * the ways have all rows of the query, and no others.
 */
export type Way = (beyond: string, first: string) => string;

/**
 * As `paginate`, the newest first, for rows that the caller has in one of several ways: as their owner, as one of those they are shared with.
 * With `OR` between them, the database would look at everybody's rows one by one, or sort all of the caller's. So each way is followed along
 * its own index for the length of a page, and the page is made of what they give.
 *
 * @param ways null for none, which is `paginate`
 */
export async function paginateByWays<T extends ObjectLiteral & { id: number }>(
  query: SelectQueryBuilder<T>,
  page: PageQuery,
  ways: readonly Way[] | null,
): Promise<Page<T>> {
  if (ways === null) return paginate(query, page);
  const total = page.include_total === true ? await query.clone().getCount() : undefined;
  const beyond = page.cursor === undefined ? '' : 'AND one.id < :cursor';
  const nearest = ways.map((way) => `(${way(beyond, `one.id DESC LIMIT ${page.limit + 1}`)})`).join(' UNION ALL ');
  query.andWhere(`${query.alias}.id = ANY(ARRAY(${nearest}))`);
  const { items, nextCursor } = await paginate(query, { ...page, include_total: false });
  return { items, nextCursor, total };
}

/**
 * Runs a query builder page by page, ordered by a time and then `id`, the newest first: for lists that are narrowed down
 * by time, where the order by id would have to look at all that is newer.
 *
 * @param moment the property that holds the time, never null
 * @param query selects the rows the caller may see, without joins, order or limit
 * @throws DomainError `validation_failed` when the cursor is not one that was given out
 */
export async function paginateByTime<M extends string, T extends ObjectLiteral & { id: number } & Record<M, Date>>(
  query: SelectQueryBuilder<T>,
  page: PageQuery,
  moment: M,
): Promise<Page<T>> {
  const total = page.include_total === true ? await query.clone().getCount() : undefined;
  const [time, key] = [`${query.alias}.${moment}`, `${query.alias}.id`];
  if (page.cursor !== undefined) {
    const [micros, id] = decodeMoment(page.cursor);
    query.andWhere(
      `(${time}, ${key}) < (timestamptz 'epoch' + :micros::bigint * interval '1 microsecond', :cursorId)`,
      {
        micros,
        cursorId: id,
      },
    );
  }
  // A Date has milliseconds only; the database tells microseconds.
  const { entities, raw } = await query
    .addSelect(`(extract(epoch FROM ${time}) * 1000000)::bigint`, 'micros')
    .orderBy(time, 'DESC')
    .addOrderBy(key, 'DESC')
    .limit(page.limit + 1)
    .getRawAndEntities<{ micros: string }>();
  const items = entities.slice(0, page.limit);
  const last = items.at(-1);
  const micros = raw[items.length - 1]?.micros;
  const more = entities.length > page.limit && last !== undefined && micros !== undefined;
  return { items, nextCursor: more ? Buffer.from(`${micros}.${last.id}`).toString('base64url') : null, total };
}

/** The moment in microseconds, as digits, and the id. */
function decodeMoment(cursor: string): [string, number] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, micros = '', id = ''] = /^(\d{1,17})\.(\d{1,10})$/.exec(text) ?? [];
  if (micros === '' || Number(id) > LARGEST_ID || Buffer.from(text).toString('base64url') !== cursor) throw notOurs();
  return [micros, Number(id)];
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
    throw notOurs();
  }
  return position;
}

function notOurs(): DomainError {
  return new DomainError('validation_failed', 'This cursor is not one of ours. Start again without it.', {
    errors: [{ field: 'cursor', message: 'must be the next_cursor of an earlier page' }],
  });
}
