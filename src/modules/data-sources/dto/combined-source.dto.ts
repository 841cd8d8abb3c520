import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  Equals,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { CombinedTable } from '../entities/combined-table.entity.js';

const MOST_TABLES = 200;

/** A table of another data source. */
export class CombinedPartDto {
  /** The data source that it is in. @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id!: number;

  /** What it is called there. @example 'orders' */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  table!: string;

  /**
   * What it is called here. Left out, it is the table's own name in a form that is easy to write, behind that of the source
   * when several tables are called so. @example 'shop_orders'
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(63)
  @Matches(/^[\p{L}_][\p{L}\p{N}_]*$/u, { message: 'must be letters, digits and underscores, with no digit first' })
  name?: string;
}

/** Tables of several data sources, as one to ask questions of. */
export class CreateCombinedSourceDto {
  /** @example 'Shop with budget' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  @Matches(/\S/, { message: 'must not be blank' })
  name!: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  @ApiProperty({ enum: ['combined'] })
  @Equals('combined')
  type!: 'combined';

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_TABLES)
  @ValidateNested({ each: true })
  @Type(() => CombinedPartDto)
  tables!: CombinedPartDto[];
}

/** All tables that a combined source is to have. */
export class CombinedPartsDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_TABLES)
  @ValidateNested({ each: true })
  @Type(() => CombinedPartDto)
  tables!: CombinedPartDto[];
}

/** Where a table of a combined source comes from. */
export class MemberDto {
  /** What it is called here. @example 'orders' */
  name!: string;
  /** @example 1 */
  data_source_id!: number;
  /** @example 'Shop database' */
  data_source_name!: string;
  /** What it is called there. @example 'sales.orders' */
  table!: string;
  /** True while its source does not have it: it cannot be read, and comes back with it. */
  missing!: boolean;

  static from({ name, member, memberTable }: CombinedTable, isThere: boolean): MemberDto {
    return {
      name,
      data_source_id: member.id,
      data_source_name: member.name,
      table: memberTable,
      missing: !isThere,
    };
  }
}
