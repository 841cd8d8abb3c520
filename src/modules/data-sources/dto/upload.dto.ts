import { ApiProperty } from '@nestjs/swagger';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsBoolean,
  IsBooleanString,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  MinLength,
  ValidateNested,
  validateSync,
} from 'class-validator';
import type { ColumnType } from '../../../engine/catalog/catalog.js';
import type { ImportOptions } from '../../../engine/connectors/duckdb/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { refuseUnstorable, validationError } from '../../../platform/http/index.js';

/** How to read the files, where it should not be found out from them. */
export class UploadOptionsDto {
  /** The character between fields of a text file. @example ';' */
  @IsOptional()
  @IsString()
  @Length(1, 1)
  delimiter?: string;

  /** The character around fields; empty when nothing is quoted. @example '"' */
  @IsOptional()
  @IsString()
  @MaxLength(1)
  quote?: string;

  /** Whether the first line names the columns. */
  @IsOptional()
  @IsBoolean()
  header?: boolean;

  /** Types of columns by name. @example { "zip_code": "text" } */
  @IsOptional()
  @IsObject()
  types?: Record<string, ColumnType>;

  /** The one sheet of a workbook to read; otherwise every sheet that is not hidden becomes a table. @example 'Sales' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  sheet?: string;

  /** The encoding of a text file, where it is guessed wrong. @example 'windows-1250' */
  @IsOptional()
  @IsString()
  @MaxLength(20)
  encoding?: string;

  /** What becomes of lines that cannot be read: the file is refused, or they are left out and told of. */
  @IsOptional()
  @IsIn(['refuse', 'skip'])
  on_bad_lines?: 'refuse' | 'skip';

  /** Name of the table, when one file is sent. @example 'airports' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(60)
  table?: string;
}

/** Whether an upload is only to be looked at. */
export class UploadQuery {
  /** Nothing is stored: the answer, 200 with an `UploadPreview`, says how the files would be read and shows their first rows. */
  @ApiProperty({ type: Boolean, required: false })
  @IsOptional()
  @IsBooleanString()
  dry_run?: string;
}

/** The text parts of an upload. */
export class UploadForm {
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => UploadOptionsDto)
  options?: ImportOptions;
}

const FIELDS = ['name', 'description', 'options'] as const;

/** @throws DomainError `validation_failed` that names the part which is wrong */
export function parseUploadForm(fields: ReadonlyMap<string, string>): UploadForm {
  for (const field of fields.keys()) {
    if (!(FIELDS as readonly string[]).includes(field)) throw unknownPart(field);
  }
  const given = Object.fromEntries(
    [...fields].map(([key, value]) => [key, key === 'options' ? parseJson(value) : value.trim()]),
  );
  refuseUnstorable(given);
  const form = plainToInstance(UploadForm, given);
  const errors = validateSync(form, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) throw validationError(errors);
  return form;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError('validation_failed', 'The part "options" must be a JSON object.', {
      errors: [{ field: 'options', message: 'is not JSON' }],
      cause,
    });
  }
}

function unknownPart(field: string): DomainError {
  return new DomainError(
    'validation_failed',
    `An upload has the parts file, ${FIELDS.join(', ')}; "${field}" is none of them.`,
    {
      errors: [{ field, message: 'is not a part of this request' }],
    },
  );
}
