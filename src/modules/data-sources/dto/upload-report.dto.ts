import { ApiProperty } from '@nestjs/swagger';
import type { CellValue } from '../../../engine/charts/contract.js';
import type { ImportedTable, RejectedLine } from '../../../engine/connectors/duckdb/index.js';
import { DataSourceDto } from './data-source.dto.js';
import { ResultColumnDto } from './preview.dto.js';

/** A line that cannot be read. */
export class RejectedLineDto {
  /** From 1, as an editor counts. @example 120 */
  line!: number;
  /** @example 'has 3 columns where 4 are expected' */
  reason!: string;
}

/** How one table was read from a file. */
export class ImportReportDto {
  /** @example 'orders.csv' */
  file_name!: string;
  /** @example 'orders' */
  table!: string;
  /** @example 4000 */
  row_count!: number;
  format!: 'delimited' | 'json' | 'xlsx' | 'parquet';
  compression!: 'gzip' | 'zstd' | null;
  /** @example 'utf-8' */
  encoding!: string | null;
  /** Of delimited text. @example ',' */
  delimiter!: string | null;
  /** Of delimited text; empty when nothing is quoted. @example '"' */
  quote!: string | null;
  /** Whether the first row names the columns; null where the format says. */
  header!: boolean | null;
  /** Lines above the table. @example 0 */
  skipped_lines!: number;
  /** Of a workbook. @example 'Sheet1' */
  sheet!: string | null;
  /** Lines that were left out. @example 0 */
  rejected_count!: number;
  /** The first of them. */
  rejected_lines!: RejectedLineDto[];
  /** What else was decided or left out. @example ["The dates of “day” were read as day/month/year."] */
  notes!: string[];

  static from(fileName: string, { name, rowCount, notes, reading, rejects }: ImportedTable): ImportReportDto {
    const { format, compression, encoding, dialect, sheet } = reading;
    const isText = format === 'delimited';
    return {
      file_name: fileName,
      table: name,
      row_count: rowCount,
      format,
      compression,
      encoding,
      delimiter: isText ? (dialect?.delimiter ?? null) : null,
      quote: isText ? (dialect?.quote ?? null) : null,
      header: dialect?.header ?? null,
      skipped_lines: dialect?.skippedLines ?? 0,
      sheet,
      rejected_count: rejects.count,
      rejected_lines: rejects.lines.map(({ line, reason }: RejectedLine) => ({ line, reason })),
      notes,
    };
  }
}

/** A data source, and how the files were read that came with this request. */
export class UploadedSourceDto extends DataSourceDto {
  imported!: ImportReportDto[];

  static of(
    source: DataSourceDto,
    files: readonly { fileName: string; tables: readonly ImportedTable[] }[],
  ): UploadedSourceDto {
    const imported = files.flatMap(({ fileName, tables }) =>
      tables.map((table) => ImportReportDto.from(fileName, table)),
    );
    return { ...source, imported };
  }
}

/** A table as it would be. */
export class TablePreviewDto extends ImportReportDto {
  columns!: ResultColumnDto[];
  /** The first rows. */
  @ApiProperty({ type: 'array', items: { type: 'array', items: {} }, example: [['Germany', 61]] })
  rows!: CellValue[][];
  /** False when the file would be refused because of its rejected lines. */
  accepted!: boolean;
  /** True when it takes the place of a table that is there. */
  replaces!: boolean;

  static of(made: {
    fileName: string;
    table: ImportedTable;
    columns: ResultColumnDto[];
    rows: CellValue[][];
    skipsBadLines: boolean;
    replaces: boolean;
  }): TablePreviewDto {
    const { fileName, table, columns, rows, skipsBadLines, replaces } = made;
    return {
      ...ImportReportDto.from(fileName, table),
      columns,
      rows,
      accepted: skipsBadLines || table.rejects.count === 0,
      replaces,
    };
  }
}

/** What an upload would make. Nothing of it is stored. */
export class UploadPreviewDto {
  tables!: TablePreviewDto[];
}
