import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import {
  type EvaluationCase,
  EXPECTED_OUTCOMES,
  type ExpectedOutcome,
  type ExpectedRows,
} from '../entities/evaluation-case.entity.js';

export class CaseListQuery extends PageQuery {
  /** Only those of this suite. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  suite_id?: number;
}

class CaseTermsDto {
  /** What is right: an `answer` with the result of `expected_sql` or `expected_rows`, a question back, or none at all. */
  @ApiProperty({ required: false, example: 'answer' })
  @MayBeAbsent()
  @IsIn(EXPECTED_OUTCOMES)
  expected?: ExpectedOutcome;

  /** SQL with the right result, run anew each time under the access rules of whoever runs the suite. @example 'SELECT count(*) FROM trips' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100_000)
  expected_sql?: string | null;

  /** The right result itself, in place of SQL. */
  @ApiProperty({
    required: false,
    nullable: true,
    type: 'array',
    items: { type: 'array', items: {} },
    example: null,
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  expected_rows?: ExpectedRows | null;

  /** The order of the rows counts. @example false */
  @MayBeAbsent()
  @IsBoolean()
  ordered?: boolean;

  /** What the report adds it up under. @example 'orders' */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  category?: string | null;
}

export class CreateCaseDto extends CaseTermsDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  suite_id!: number;

  /** @example 'How many trips are there?' */
  @IsString()
  @MinLength(1)
  @MaxLength(10_000)
  question!: string;
}

/** What is left out stays. */
export class UpdateCaseDto extends CaseTermsDto {
  /** @example 'How many trips are there?' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(10_000)
  question?: string;
}

/** A question and what is right for it. */
export class CaseDto {
  /** @example 1 */
  id!: number;
  /** @example 1 */
  suite_id!: number;
  /** @example 'How many trips are there?' */
  question!: string;
  expected!: ExpectedOutcome;
  /** @example 'SELECT count(*) FROM trips' */
  expected_sql!: string | null;
  @ApiProperty({ nullable: true, type: 'array', items: { type: 'array', items: {} } })
  expected_rows!: ExpectedRows | null;
  ordered!: boolean;
  /** @example 'orders' */
  category!: string | null;
  created_at!: Date;
  updated_at!: Date;

  static from(one: EvaluationCase): CaseDto {
    return {
      id: one.id,
      suite_id: one.suiteId,
      question: one.question,
      expected: one.expected,
      expected_sql: one.expectedSql,
      expected_rows: one.expectedRows,
      ordered: one.ordered,
      category: one.category,
      created_at: one.createdAt,
      updated_at: one.updatedAt,
    };
  }
}

export class CasePageDto {
  items!: CaseDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<EvaluationCase>): CasePageDto {
    return {
      items: items.map((one) => CaseDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
