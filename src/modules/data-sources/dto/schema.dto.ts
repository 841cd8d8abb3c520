import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type {
  Catalog,
  CatalogColumn,
  CatalogTable,
  ColumnType,
  RelationshipOrigin,
  Sensitivity,
} from '../../../engine/catalog/catalog.js';
import { decodeCursor, encodeCursor, LARGEST_PAGE_SIZE } from '../../../platform/database/index.js';
import { MayBeAbsent } from '../../../platform/http/index.js';
import { CalendarDto } from './calendar.dto.js';

export class ColumnStatsDto {
  /** Distinct values; approximate above 10,000 and in large tables. @example 12 */
  distinct!: number | null;
  /** @example 0 */
  nulls!: number | null;
  /** @example '2024-01-01' */
  min!: string | null;
  /** @example '2026-10-31' */
  max!: string | null;
  /** The most frequent values. @example ["paid", "shipped"] */
  samples!: string[];
}

export class SchemaColumnDto {
  /** @example 'status' */
  name!: string;
  type!: ColumnType;
  /** The type as the source spells it. @example 'VARCHAR' */
  native_type!: string;
  nullable!: boolean;
  description!: string | null;
  synonyms!: string[];
  hidden!: boolean;
  sensitivity!: Sensitivity;
  stats!: ColumnStatsDto;

  static from(column: CatalogColumn): SchemaColumnDto {
    const { name, type, nullable, description, synonyms, hidden, sensitivity, stats } = column;
    return { name, type, native_type: column.nativeType, nullable, description, synonyms, hidden, sensitivity, stats };
  }
}

export class SchemaTableDto {
  /** @example 'orders' */
  name!: string;
  description!: string | null;
  synonyms!: string[];
  hidden!: boolean;
  /** Null when access rules keep some of them from you. @example 4000 */
  row_count!: number | null;
  /** @example ["id"] */
  primary_key!: string[];
  columns!: SchemaColumnDto[];

  static from(table: CatalogTable): SchemaTableDto {
    const { name, description, synonyms, hidden } = table;
    const rowCount = table.someRowsHidden === true ? null : table.rowCount;
    const columns = table.columns.map((column) => SchemaColumnDto.from(column));
    return { name, description, synonyms, hidden, row_count: rowCount, primary_key: table.primaryKey, columns };
  }
}

export class ColumnRefDto {
  /** @example 'orders' */
  @IsString()
  @MaxLength(255)
  table!: string;

  /** @example 'customer_id' */
  @IsString()
  @MaxLength(255)
  column!: string;
}

export class SchemaRelationshipDto {
  from!: ColumnRefDto;
  to!: ColumnRefDto;
  origin!: RelationshipOrigin;
  /** 0 to 1. @example 0.95 */
  confidence!: number;
}

/** Which tables of a schema to give. */
export class SchemaQuery {
  /** How many tables to give, at most. */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_PAGE_SIZE)
  limit: number = LARGEST_PAGE_SIZE;

  /** The `next_cursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** Tables and columns with what is known of them, and how tables relate. */
export class SchemaDto {
  tables!: SchemaTableDto[];
  /** Those that start from one of these tables. */
  relationships!: SchemaRelationshipDto[];
  calendar!: CalendarDto;
  /** Where the next tables begin; null when there are no more. @example 'MjAw' */
  next_cursor!: string | null;

  /** @throws DomainError `validation_failed` when the cursor is not one that was given out */
  static from(
    { tables, relationships, calendar }: Catalog,
    { limit, cursor }: SchemaQuery = new SchemaQuery(),
  ): SchemaDto {
    const start = cursor === undefined ? 0 : decodeCursor(cursor);
    const end = start + limit;
    const page = tables.slice(start, end);
    const names = new Set(page.map(({ name }) => name));
    return {
      tables: page.map((table) => SchemaTableDto.from(table)),
      relationships: relationships.filter(({ from }) => names.has(from.table)),
      calendar: CalendarDto.from(calendar),
      next_cursor: end < tables.length ? encodeCursor(end) : null,
    };
  }
}

export class ColumnChangeDto {
  /** @example 'status' */
  @IsString()
  @MaxLength(255)
  name!: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** Other words for it. @example ["state"] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(100, { each: true })
  synonyms?: string[];

  /**
   * Hidden columns are left out of answers to questions and of previews; SQL that names them can still read them.
   */
  @MayBeAbsent()
  @IsBoolean()
  hidden?: boolean;

  @MayBeAbsent()
  @IsIn(['none', 'personal', 'secret'])
  sensitivity?: Sensitivity;
}

export class TableChangeDto {
  /** @example 'orders' */
  @IsString()
  @MaxLength(255)
  name!: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** Other words for it. @example ["purchases"] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(100, { each: true })
  synonyms?: string[];

  @MayBeAbsent()
  @IsBoolean()
  hidden?: boolean;

  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(5000)
  @ValidateNested({ each: true })
  @Type(() => ColumnChangeDto)
  columns?: ColumnChangeDto[];
}

export class RelationshipChangeDto {
  @IsDefined()
  @ValidateNested()
  @Type(() => ColumnRefDto)
  from!: ColumnRefDto;

  @IsDefined()
  @ValidateNested()
  @Type(() => ColumnRefDto)
  to!: ColumnRefDto;
}

/** What people add to a schema. Relationships, when given, replace the ones that people made earlier. */
export class UpdateSchemaDto {
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(5000)
  @ValidateNested({ each: true })
  @Type(() => TableChangeDto)
  tables?: TableChangeDto[];

  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(5000)
  @ValidateNested({ each: true })
  @Type(() => RelationshipChangeDto)
  relationships?: RelationshipChangeDto[];

  @MayBeAbsent()
  @ValidateNested()
  @Type(() => CalendarDto)
  calendar?: CalendarDto;
}
