import { IsLocale, IsOptional, IsString, IsUrl, MaxLength, MinLength } from 'class-validator';

/** Leave a field out to keep it; send null to empty it. */
export class UpdateProfileDto {
  /** @example 'Ada Lovelace' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  full_name?: string | null;

  /** Address of a picture (http or https). @example 'https://example.com/ada.png' */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  @MaxLength(2000)
  avatar_url?: string | null;

  /** A BCP 47 language tag. @example 'en-GB' */
  @IsOptional()
  @IsLocale()
  @MaxLength(35)
  locale?: string | null;
}
