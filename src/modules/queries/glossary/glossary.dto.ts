import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { GlossaryTerm } from '../entities/glossary-term.entity.js';

export class GlossaryListQuery extends PageQuery {
  /** Only the terms of this data source. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;
}

/** A word of the business: what it means, and how it is worked out where it is a number. */
export class CreateGlossaryTermDto {
  /** @example 'average order value' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  term!: string;

  /** @example 'What an order brings in, on average.' */
  @IsString()
  @MinLength(1)
  @MaxLength(10_000)
  definition!: string;

  /** Aggregates of columns, tied by `+ - * /`: with it, questions can name the term. @example 'SUM(amount) / COUNT(DISTINCT order_id)' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  formula?: string | null;

  /** How people say it. @example ["What was the average order value in May?"] */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  examples?: string[];

  /** The data source that it is about; left out for a term of the whole installation, which takes `glossary:manage`. @example 1 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number | null;
}

/** What is left out stays. */
export class UpdateGlossaryTermDto {
  /** @example 'average order value' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  term?: string;

  /** @example 'What an order brings in, on average.' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(10_000)
  definition?: string;

  /** Null for a term that cannot be worked out. @example 'SUM(amount) / COUNT(DISTINCT order_id)' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  formula?: string | null;

  /** @example ["What was the average order value in May?"] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  examples?: string[];
}

export class GlossaryTermDto {
  /** @example 3 */
  id!: number;
  /** Null for a term of the whole installation. @example 1 */
  data_source_id!: number | null;
  /** @example 'average order value' */
  term!: string;
  /** @example 'What an order brings in, on average.' */
  definition!: string;
  /** @example 'SUM(amount) / COUNT(DISTINCT order_id)' */
  formula!: string | null;
  examples!: string[];
  /** Who made it; null when that account is gone. @example 1 */
  created_by!: number | null;
  created_at!: Date;
  updated_at!: Date;

  static from(term: GlossaryTerm): GlossaryTermDto {
    return {
      id: term.id,
      data_source_id: term.dataSourceId,
      term: term.term,
      definition: term.definition,
      formula: term.formula,
      examples: term.examples,
      created_by: term.createdBy,
      created_at: term.createdAt,
      updated_at: term.updatedAt,
    };
  }
}

export class GlossaryPageDto {
  items!: GlossaryTermDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<GlossaryTerm>): GlossaryPageDto {
    return {
      items: items.map((term) => GlossaryTermDto.from(term)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
