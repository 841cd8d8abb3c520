import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { COLUMN_MASKS, type ColumnMask } from '../../../engine/sql/index.js';

const MOST_RULES = 500;

/** One rule: a condition on the rows of a table, or a mask over one of its columns. */
export class AccessRuleDto {
  /** @example 'orders' */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  table!: string;

  /** For a row rule: what must hold for a row to be seen. */
  @ApiProperty({ example: "region = 'EU'" })
  @ValidateIf(({ column, mask, predicate }: AccessRuleDto) => predicate !== undefined || (column ?? mask) === undefined)
  @IsString({ message: 'give either predicate, or column and mask' })
  @MinLength(1)
  @MaxLength(5000)
  predicate?: string;

  /** For a mask: the column. @example 'email' */
  @ValidateIf(({ column, mask }: AccessRuleDto) => column !== undefined || mask !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  column?: string;

  /** What is shown instead: nothing, a fingerprint that is the same for the same value, or the beginning. @example 'partial' */
  @ValidateIf(({ column, mask }: AccessRuleDto) => column !== undefined || mask !== undefined)
  @IsIn(COLUMN_MASKS, {
    message: `must be one of ${COLUMN_MASKS.join(', ')}; for a rule about rows, give a predicate and no column`,
  })
  mask?: ColumnMask;

  /** Names of the roles that the rule is for; with none it is for everybody, you included. @example ["viewer"] */
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  roles!: string[];
}

export class AccessRulesDto {
  @IsArray()
  @ArrayMaxSize(MOST_RULES)
  @ValidateNested({ each: true })
  @Type(() => AccessRuleDto)
  rules!: AccessRuleDto[];
}
