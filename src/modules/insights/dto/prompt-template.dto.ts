import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { Page } from '../../../platform/database/index.js';
import { MayBeAbsent } from '../../../platform/http/index.js';
import type { PromptTemplateVersion } from '../entities/prompt-template-version.entity.js';
import type { PromptTemplate } from '../entities/prompt-template.entity.js';
import { type PromptVariable, VARIABLE_NAME, VARIABLE_TYPES, type VariableType } from '../prompt-text.js';

const LONGEST_TEMPLATE = 20_000;
const MOST_VARIABLES = 50;
const LONGEST_VALUE = 100_000;

/** A place to fill in. */
export class PromptVariableDto {
  /** Small letters, digits and underscores. @example 'question' */
  @IsString()
  @Matches(VARIABLE_NAME, { message: 'must be small letters, digits and underscores, and begin with a letter' })
  name!: string;

  @IsIn(VARIABLE_TYPES)
  type!: VariableType;

  /** Longest value, in characters. @example 2000 */
  @IsInt()
  @Min(1)
  @Max(LONGEST_VALUE)
  max_length: number = 10_000;

  static from({ name, type, maxLength }: PromptVariable): PromptVariableDto {
    return { name, type, max_length: maxLength };
  }
}

export class NewPromptTemplateDto {
  /** @example 'explain-result' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(100)
  name!: string;

  /** @example 'Has a result explained in plain words' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** The text, its places written as `{{name}}`. @example 'Explain in plain words: {{question}}' */
  @IsString()
  @MinLength(1)
  @MaxLength(LONGEST_TEMPLATE)
  template!: string;

  /** Every place of the text, once. @example [{ "name": "question", "type": "text", "max_length": 2000 }] */
  @IsArray()
  @ArrayMaxSize(MOST_VARIABLES)
  @ValidateNested({ each: true })
  @Type(() => PromptVariableDto)
  variables!: PromptVariableDto[];
}

/** What to change: what is left out stays as it is. Another text or other variables make a new version. */
export class ChangePromptTemplateDto {
  /** @example 'explain-result' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(100)
  name?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** @example 'Explain in plain words: {{question}}' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(LONGEST_TEMPLATE)
  template?: string;

  /** @example [{ "name": "question", "type": "text", "max_length": 2000 }] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_VARIABLES)
  @ValidateNested({ each: true })
  @Type(() => PromptVariableDto)
  variables?: PromptVariableDto[];

  /** The version that you have seen: when somebody has made another since, nothing is changed. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  based_on?: number;
}

export class FillInDto {
  /** A value for every variable, and for nothing else. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { question: 'How many orders per month?' } })
  @IsObject()
  variables!: Record<string, unknown>;
}

export class FilledInDto {
  /** @example 'Explain in plain words: How many orders per month?' */
  text!: string;
  /** The version that was filled in. @example 1 */
  version!: number;
}

/** A text for a language model, with places to fill in. */
export class PromptTemplateDto {
  /** @example 2 */
  id!: number;
  /** @example 'explain-result' */
  name!: string;
  description!: string | null;
  /** @example 'Explain in plain words: {{question}}' */
  template!: string;
  variables!: PromptVariableDto[];
  /** @example 1 */
  version!: number;
  /** Who made it; null when that account is gone. @example 1 */
  created_by!: number | null;
  created_at!: Date;
  updated_at!: Date;

  static from(one: PromptTemplate): PromptTemplateDto {
    return {
      id: one.id,
      name: one.name,
      description: one.description,
      template: one.template,
      variables: one.variables.map((variable) => PromptVariableDto.from(variable)),
      version: one.version,
      created_by: one.createdBy,
      created_at: one.createdAt,
      updated_at: one.updatedAt,
    };
  }
}

export class PromptTemplatePageDto {
  items!: PromptTemplateDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<PromptTemplate>): PromptTemplatePageDto {
    return {
      items: items.map((one) => PromptTemplateDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** A text that a template has or had. */
export class PromptTemplateVersionDto {
  /** @example 1 */
  version!: number;
  /** @example 'Explain in plain words: {{question}}' */
  template!: string;
  variables!: PromptVariableDto[];
  /** Who wrote it; null when that account is gone. @example 1 */
  created_by!: number | null;
  created_at!: Date;

  static from({ version, template, variables, createdBy, createdAt }: PromptTemplateVersion): PromptTemplateVersionDto {
    return {
      version,
      template,
      variables: variables.map((variable) => PromptVariableDto.from(variable)),
      created_by: createdBy,
      created_at: createdAt,
    };
  }
}

export class PromptTemplateVersionPageDto {
  items!: PromptTemplateVersionDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<PromptTemplateVersion>): PromptTemplateVersionPageDto {
    return {
      items: items.map((one) => PromptTemplateVersionDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
