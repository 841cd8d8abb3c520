import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  buildMessage,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
} from 'class-validator';
import { LARGEST_ID } from '../../../platform/http/index.js';
import { type Permission, PERMISSIONS } from '../../../platform/security/index.js';
import { isAddressOrNetwork } from '../allowed-addresses.js';
import type { ApiKey } from '../entities/api-key.entity.js';

const LONGEST_LIST = 100;

function AreAddressesOrNetworks(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'areAddressesOrNetworks',
      validator: {
        validate: (value) => typeof value === 'string' && isAddressOrNetwork(value),
        defaultMessage: buildMessage(() => '$property must hold IP addresses or networks like 10.0.0.0/8'),
      },
    },
    { each: true },
  );
}

export class CreateApiKeyDto {
  /** What it is for. @example 'Nightly report' */
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  @Matches(/\S/, { message: 'must not be blank' })
  name!: string;

  /** Permissions of your own that the key shall have; `*` for all of them. @example ["queries:read", "queries:write"] */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn([...PERMISSIONS, '*'], { each: true })
  scopes!: (Permission | '*')[];

  /** When it ends, with a time zone; left out, it ends when it is revoked. @example '2031-12-31T23:59:59Z' */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  @Matches(/T.*(?:Z|[+-]\d\d:\d\d)$/, { message: 'must be a time with its zone, like 2031-12-31T23:59:59Z' })
  expires_at?: string | null;

  /** Addresses and networks that it may be used from; left out, all of them. @example ["192.0.2.7", "2001:db8::/32"] */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(LONGEST_LIST)
  @AreAddressesOrNetworks()
  allowed_ips?: string[] | null;

  /**
   * The only data sources of yours that it may be used on; left out, all that you may see. With them the key has no
   * permission that is about the whole installation (`users:manage`, `roles:manage`, `system:read`, `audit:read`), even if
   * its scopes are `*`. @example [1]
   */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(LONGEST_LIST)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(LARGEST_ID, { each: true })
  data_source_ids?: number[] | null;
}

/** An API key as its owner sees it. */
export class ApiKeyDto {
  /** @example 1 */
  id!: number;
  /** @example 'Nightly report' */
  name!: string;
  /** The first characters of the key. @example 'lum_3f9a0c71be' */
  prefix!: string;
  /** @example ["queries:read"] */
  scopes!: string[];
  /** Empty when it may be used from everywhere. @example ["192.0.2.7"] */
  allowed_ips!: string[];
  /** Null when it may be used on all data sources. @example [1] */
  data_source_ids!: number[] | null;
  /** False once it was revoked. */
  is_active!: boolean;
  expires_at!: Date | null;
  /** To the minute. */
  last_used_at!: Date | null;
  created_at!: Date;
  revoked_at!: Date | null;

  static from(key: ApiKey): ApiKeyDto {
    return {
      id: key.id,
      name: key.name,
      prefix: key.prefix,
      scopes: key.scopes,
      allowed_ips: key.allowedIps,
      data_source_ids: key.dataSourceIds,
      is_active: key.isActive,
      expires_at: key.expiresAt,
      last_used_at: key.lastUsedAt,
      created_at: key.createdAt,
      revoked_at: key.revokedAt,
    };
  }
}

/** A new API key. Send it as `X-API-Key`. */
export class NewApiKeyDto extends ApiKeyDto {
  /** The key itself, shown this once. @example 'lum_3f9a0c71be_kX3vY0mJ1l8m5cQ0m9z4e2f7g6h5i4j3k2l1m0n9o8p' */
  key!: string;
}

export class ApiKeyPageDto {
  items!: ApiKeyDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}
