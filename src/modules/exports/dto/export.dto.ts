import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import { type Export, EXPORT_STATUSES, type ExportStatus } from '../entities/export.entity.js';

/** What can be asked for. */
export const OFFERED_FORMATS = ['csv', 'ndjson', 'xlsx', 'parquet', 'arrow', 'png', 'svg', 'html', 'pdf'] as const;
export type OfferedFormat = (typeof OFFERED_FORMATS)[number];

/** What to make a file of. */
export class NewExportDto {
  /** A query that you may see, and that has a result; or else a chart, or a dashboard: one of the three. @example 7 */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id?: number;

  /** A chart that you may see: its picture, or the rows that it is made of. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  chart_id?: number;

  /** A dashboard that you may see: as `png`, `svg`, `html` or `pdf`. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  dashboard_id?: number;

  @IsIn(OFFERED_FORMATS)
  format!: OfferedFormat;

  /**
   * Only for CSV: leave texts that a spreadsheet takes for a formula as they are. Otherwise an apostrophe is put before texts that
   * begin with `=`, `+`, `-`, `@`, a tab or a carriage return; numbers stay numbers. @example false
   */
  @IsOptional()
  @IsBoolean()
  raw?: boolean;
}

export class ExportWaitQuery {
  /** Seconds to wait until the file is there; after that the answer is 202 and the work goes on. @example 10 */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(30)
  wait: number = 10;
}

export class ExportListQuery extends PageQuery {
  /** Only those of this query. @example 7 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id?: number;

  @IsOptional()
  @IsIn(EXPORT_STATUSES)
  status?: ExportStatus;
}

export class ExportErrorDto {
  /** @example 'export_too_large' */
  code!: string;
  detail!: string;
}

/** A file that is being made, or is there to be taken. */
export class ExportDto {
  /** @example 3 */
  id!: number;
  /** @example 7 */
  query_id!: number | null;
  chart_id!: number | null;
  dashboard_id!: number | null;
  format!: OfferedFormat;
  raw!: boolean;
  status!: ExportStatus;
  /** How much of it is made, from 0 to 1. @example 1 */
  progress!: number;
  /** @example 20480 */
  size_bytes!: number;
  /** What to know of the file, such as that texts were cut. */
  notes!: string[];
  /** Why it failed; null otherwise. */
  error!: ExportErrorDto | null;
  /** Where the file is, while it is there. @example '/api/v1/exports/3/download' */
  download_url!: string | null;
  created_at!: Date;
  completed_at!: Date | null;
  /** When the file is removed. */
  expires_at!: Date | null;

  static from(one: Export): ExportDto {
    return {
      id: one.id,
      query_id: one.queryId,
      chart_id: one.chartId,
      dashboard_id: one.dashboardId,
      format: one.format as OfferedFormat,
      raw: one.raw,
      status: one.status,
      progress: one.progress,
      size_bytes: one.sizeBytes,
      notes: one.notes,
      error: one.errorCode === null ? null : { code: one.errorCode, detail: one.errorMessage ?? '' },
      download_url: one.status === 'succeeded' ? `/api/v1/exports/${one.id}/download` : null,
      created_at: one.createdAt,
      completed_at: one.completedAt,
      expires_at: one.expiresAt,
    };
  }
}

export class ExportPageDto {
  items!: ExportDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Export>): ExportPageDto {
    return {
      items: items.map((one) => ExportDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
