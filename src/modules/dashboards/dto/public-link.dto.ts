import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsISO8601, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { Page } from '../../../platform/database/index.js';
import { MaxBytes, MayBeAbsent } from '../../../platform/http/index.js';
import { LONGEST_PASSWORD_BYTES } from '../../../platform/security/index.js';
import type { PublicLink } from '../entities/public-link.entity.js';

export class NewPublicLinkDto {
  /** When the link ends; never when left out. @example '2099-12-31T00:00:00Z' */
  @IsOptional()
  @IsISO8601({ strict: true })
  @MaxLength(40)
  expires_at?: string | null;

  /** What readers have to know besides the link; nothing when left out. */
  @IsOptional()
  @IsString()
  @MinLength(8)
  @MaxBytes(LONGEST_PASSWORD_BYTES)
  password?: string | null;

  /** Filters that readers cannot change, as they are written in requests. @example [] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(600, { each: true })
  @Matches(/^[a-z][a-z0-9_]*:/, { each: true, message: 'is written name:value, or name:from..to' })
  filters?: string[];
}

/** A link that shows a dashboard to anybody who has it. Its token is told once, when it is made. */
export class PublicLinkDto {
  /** @example 1 */
  id!: number;
  has_password!: boolean;
  filters!: string[];
  /** Who made it: rows are shown under the access rules that hold for them. @example 1 */
  created_by!: number;
  created_at!: Date;
  expires_at!: Date | null;
  revoked_at!: Date | null;
  /** To the minute. */
  last_used_at!: Date | null;

  static from(link: PublicLink): PublicLinkDto {
    return {
      id: link.id,
      has_password: link.passwordHash !== null,
      filters: link.filters,
      created_by: link.createdBy,
      created_at: link.createdAt,
      expires_at: link.expiresAt,
      revoked_at: link.revokedAt,
      last_used_at: link.lastUsedAt,
    };
  }
}

export class MadePublicLinkDto extends PublicLinkDto {
  /** Not kept, and not told again. */
  token!: string;
  /** Where the dashboard is; without the address of the server when LUMIERE_PUBLIC_URL is not set. */
  @ApiProperty({ example: 'https://lumiere.example.com/api/v1/public/dashboards/…' })
  url!: string;

  static made(link: PublicLink, token: string, url: string): MadePublicLinkDto {
    return { ...PublicLinkDto.from(link), token, url };
  }
}

export class PublicLinkPageDto {
  items!: PublicLinkDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<PublicLink>): PublicLinkPageDto {
    return {
      items: items.map((link) => PublicLinkDto.from(link)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
