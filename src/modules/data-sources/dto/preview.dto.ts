import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { ColumnType } from '../../../engine/catalog/catalog.js';
import type { CellValue } from '../../../engine/charts/contract.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, encodeCursor, LARGEST_PAGE_SIZE } from '../../../platform/database/index.js';

/** Which rows to give. */
export class RowsQuery {
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

  /** The first row to give, from 0. */
  static offsetOf(query: RowsQuery): number {
    return query.cursor === undefined ? 0 : decodeCursor(query.cursor);
  }
}

export class ResultColumnDto {
  /** @example 'country' */
  name!: string;
  type!: ColumnType;
}

/** Some rows of a table or a result. */
export class RowsDto {
  columns!: ResultColumnDto[];
  /**
   * One list per row, in the order of `columns`. Decimals, and integers beyond 2^53, are strings; dates are ISO 8601.
   */
  @ApiProperty({ type: 'array', items: { type: 'array', items: {} }, example: [['Germany', 61]] })
  rows!: CellValue[][];
  /** Rows of the whole; null when access rules keep some of them from you. @example 13 */
  row_count!: number | null;
  next_cursor!: string | null;

  /** Where it is not told how many rows there are, only an empty page is the last one. */
  static from(
    page: { columns: ResultColumnDto[]; rows: CellValue[][] },
    offset: number,
    rowCount: number | null,
  ): RowsDto {
    const next = offset + page.rows.length;
    const isLast = page.rows.length === 0 || (rowCount !== null && next >= rowCount);
    return {
      columns: page.columns,
      rows: page.rows,
      row_count: rowCount,
      next_cursor: isLast ? null : encodeCursor(next),
    };
  }
}
