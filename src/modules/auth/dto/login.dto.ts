import { IsString, MaxLength, MinLength } from 'class-validator';

export class LoginDto {
  /** The user name, or the email. @example 'ada' */
  @IsString()
  @MinLength(1)
  @MaxLength(254)
  username!: string;

  /** @example 'correct horse battery' */
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  password!: string;
}
