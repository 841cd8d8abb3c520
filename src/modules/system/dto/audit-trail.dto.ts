import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { ACTOR_KINDS, type ActorKind } from '../../../platform/audit/index.js';
import { PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { AuditProblemKind, AuditVerdict } from '../audit-verification.service.js';
import type { AuditTrail } from '../entities/audit-trail.entity.js';

export class AuditTrailQuery extends PageQuery {
  /** Only what this user did. @example 1 */
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  user_id?: number;

  /** Only what was done this way. */
  @MayBeAbsent()
  @IsIn(ACTOR_KINDS)
  actor?: ActorKind;

  /** Only this, such as `user.signed_in` or `query.rows_read`. @example 'data_source.deleted' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  action?: string;

  /** Only what was done to objects of this type. @example 'data_source' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(50)
  object_type?: string;

  /** Only what was done to the object with this id; give its type as well. @example 1 */
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  object_id?: number;

  /** From this moment on. @example '2026-01-01T00:00:00Z' */
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  from?: string;

  /** Before this moment. @example '2027-01-01T00:00:00Z' */
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  to?: string;
}

/** One thing that was done. */
export class AuditTrailDto {
  /** The place in the chain; none is left out. @example 12 */
  id!: number;
  /** Who did it; null for the system, and for who had not signed in. @example 1 */
  user_id!: number | null;
  /** How they came. */
  actor!: ActorKind;
  /** The API key that they came with. @example null */
  api_key_id!: number | null;
  /** @example '127.0.0.1' */
  ip_address!: string | null;
  /** The `X-Request-Id` of the request that it was part of. @example '4f2c8a7be1d94c0fa1b2c3d4e5f60718' */
  request_id!: string | null;
  /** @example 'data_source.updated' */
  action!: string;
  /** @example 'data_source' */
  object_type!: string;
  /** @example 3 */
  object_id!: number | null;
  /** `before` and `after` of what was changed, and `details`; never a secret. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { before: { name: 'a' }, after: { name: 'b' } } })
  diff!: Record<string, unknown>;
  /** @example '0000000000000000000000000000000000000000000000000000000000000000' */
  previous_hash!: string;
  /** @example 'b0f8a3a1a3f5a0f0c5b5c9b7d2a7e4d90b7f6f1e6d1d4c0e8a9f3b2c1d0e9f8a' */
  hash!: string;
  created_at!: Date;

  static from(row: AuditTrail): AuditTrailDto {
    return {
      id: row.id,
      user_id: row.userId,
      actor: row.actor,
      api_key_id: row.apiKeyId,
      ip_address: row.ipAddress,
      request_id: row.requestId,
      action: row.action,
      object_type: row.objectType,
      object_id: row.objectId,
      diff: row.diff,
      previous_hash: row.previousHash,
      hash: row.hash,
      created_at: row.createdAt,
    };
  }
}

export class AuditTrailPageDto {
  items!: AuditTrailDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}

export class VerifyAuditQuery {
  /** The end of an earlier verification, as `position:hash`: its row must still be the same. */
  @MayBeAbsent()
  @Matches(/^[1-9]\d{0,8}:[\da-f]{64}$/, { message: 'must be the position and the hash of an end, as position:hash' })
  noted?: string;
}

class ChainEndDto {
  /** How many rows there are. @example 1200 */
  position!: number;
  /** Of the last row. @example 'b0f8a3a1a3f5a0f0c5b5c9b7d2a7e4d90b7f6f1e6d1d4c0e8a9f3b2c1d0e9f8a' */
  hash!: string;
}

class AuditProblemDto {
  /** The id of the row, or of the first missing one. @example 7 */
  position!: number;
  kind!: AuditProblemKind;
  /** @example 'This row is not as it was written.' */
  detail!: string;
}

/** What following the chain has found. */
export class AuditVerdictDto {
  /** Whether every row is there as it was written. */
  ok!: boolean;
  /** Rows that were read. @example 1200 */
  rows!: number;
  /** Where the chain ends. Note it somewhere else, and give it as `noted` another time. */
  end!: ChainEndDto;
  /** The first hundred, in the order of the chain. */
  problems!: AuditProblemDto[];

  static from({ ok, rows, end, problems }: AuditVerdict): AuditVerdictDto {
    return { ok, rows, end, problems };
  }
}
