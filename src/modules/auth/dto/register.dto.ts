import { IsEmail, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { MaxBytes } from '../../../platform/http/index.js';
import { LONGEST_PASSWORD_BYTES } from '../../../platform/security/index.js';

export class RegisterDto {
  /** 3 to 50 letters, digits, dots, dashes or underscores; unique whatever the case. @example 'ada' */
  @IsString()
  @MinLength(3)
  @MaxLength(50)
  @Matches(/^[\p{L}\p{N}._-]+$/u, { message: 'username may hold letters, digits, dots, dashes and underscores' })
  username!: string;

  /** @example 'ada@example.com' */
  @IsEmail()
  @MaxLength(254)
  email!: string;

  /** At least 8 characters, at most 72 bytes. @example 'correct horse battery' */
  @IsString()
  @MinLength(8)
  @MaxBytes(LONGEST_PASSWORD_BYTES)
  password!: string;

  /** @example 'Ada Lovelace' */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  full_name?: string;
}
