import { IsEmail, IsString, MaxLength, MinLength } from 'class-validator';
import { MaxBytes } from '../../../platform/http/index.js';
import { LONGEST_PASSWORD_BYTES } from '../../../platform/security/index.js';

export class ChangePasswordDto {
  /** @example 'correct horse battery' */
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  current_password!: string;

  /** At least 8 characters, at most 72 bytes; not a common one, nor your own name or email. @example 'a staple for horses' */
  @IsString()
  @MinLength(8)
  @MaxBytes(LONGEST_PASSWORD_BYTES)
  new_password!: string;
}

export class ForgotPasswordDto {
  /** The email of the account. @example 'ada@example.com' */
  @IsEmail()
  @MaxLength(254)
  email!: string;
}

/** The same whether there is such an account or not; where no mail can be sent, it says so to everybody. */
export class PasswordMailDto {
  /** @example 'If there is an account with this email, a link to set a new password is on its way to it.' */
  detail!: string;
}

export class ResetPasswordDto {
  /** What stands behind `#token=` in the link. @example 'pX3vY0mJ1l8m5cQ0m9z4e2f7g6h5i4j3k2l1m0n9o8q' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  token!: string;

  /** At least 8 characters, at most 72 bytes; not a common one, nor your own name or email. @example 'a staple for horses' */
  @IsString()
  @MinLength(8)
  @MaxBytes(LONGEST_PASSWORD_BYTES)
  new_password!: string;
}
