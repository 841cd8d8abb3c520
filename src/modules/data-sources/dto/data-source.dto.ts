import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/index.js';
import type { BreakerState } from '../circuit-breaker.js';
import type { DataSourceStatus, DataSourceType, SslMode } from '../entities/data-source.entity.js';
import type { Availability } from '../source-availability.js';
import type { Facts } from '../source-facts.js';
import { MemberDto } from './combined-source.dto.js';

/** Whether a source is asked at present. One that could not be reached several times in a row is left alone for a while. */
export class AvailabilityDto {
  /** `open`: it is not asked until `retry_at`; `half_open`: the next one who asks finds out; `closed`: all is well. */
  state!: BreakerState;
  retry_at!: Date | null;
  /** Why it could not be reached the last time. @example 'source_unreachable' */
  last_error_code!: string | null;

  static from({ state, retryAt, lastErrorCode }: Availability): AvailabilityDto {
    return { state, retry_at: retryAt, last_error_code: lastErrorCode };
  }
}

/** Something that questions can be asked of. */
export class DataSourceDto {
  /** @example 1 */
  id!: number;
  /** @example 'Bicycle shop' */
  name!: string;
  type!: DataSourceType;
  description!: string | null;
  status!: DataSourceStatus;
  /** True when it is somebody else’s, and you have it through a workspace: you are not told then how it is reached. */
  shared!: boolean;
  /** Where the database is; null for files. @example 'db.example.com' */
  host!: string | null;
  /** @example 5432 */
  port!: number | null;
  /** @example 'shop' */
  database_name!: string | null;
  /** @example 'lumiere_reader' */
  username!: string | null;
  ssl_mode!: SslMode | null;
  /** @example 4 */
  tables_count!: number;
  /** Rows of all tables together; null when access rules keep some of them from you. @example 13000 */
  row_count!: number | null;
  /** Size as stored, in bytes. @example 250000 */
  size_bytes!: number;
  /** Raised whenever the data changes. @example 1 */
  version!: number;
  /** The tables of a combined data source, and where they come from; null for any other. */
  members!: MemberDto[] | null;
  /** When the data was last loaded; of a combined data source, the oldest of its members. */
  loaded_at!: Date;
  availability!: AvailabilityDto;
  created_at!: Date;
  updated_at!: Date;

  static from({ source, isShared, tablesCount, rowCount, availability, members }: Facts): DataSourceDto {
    return {
      id: source.id,
      name: source.name,
      type: source.type,
      description: source.description,
      status: source.status,
      shared: isShared,
      host: isShared ? null : source.host,
      port: isShared ? null : source.port,
      database_name: isShared ? null : source.databaseName,
      username: isShared ? null : source.username,
      ssl_mode: isShared ? null : source.sslMode,
      tables_count: tablesCount,
      row_count: rowCount,
      size_bytes: source.sizeBytes,
      version: source.version,
      members,
      loaded_at: source.loadedAt,
      availability: AvailabilityDto.from(availability),
      created_at: source.createdAt,
      updated_at: source.updatedAt,
    };
  }
}

export class DataSourcePageDto {
  items!: DataSourceDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}

export class UpdateDataSourceDto {
  /** @example 'Bicycle shop' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  @Matches(/\S/, { message: 'must not be blank' })
  name?: string;

  /** Null empties it. @example 'Orders of the shop since 2024' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;
}

export class ConnectionReportDto {
  ok!: boolean;
  /** @example 12 */
  latency_ms!: number;
  /** @example 'DuckDB v1.5.6' */
  server_version!: string;
}
