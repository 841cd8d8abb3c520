import { ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/index.js';
import { SSL_MODES, type SslMode } from '../entities/data-source.entity.js';
import type { BrokenDependent, RefreshReport } from '../schema-dependents.js';

/** Types of databases that can be connected to. */
export const REMOTE_TYPES = ['postgres', 'mysql', 'mariadb', 'clickhouse', 'trino'] as const;
export type RemoteType = (typeof REMOTE_TYPES)[number];

/** A database to ask questions of. */
export class CreateDataSourceDto {
  /** @example 'Shop database' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  @Matches(/\S/, { message: 'must not be blank' })
  name!: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  @IsIn(REMOTE_TYPES)
  type!: RemoteType;

  /** A host name or an address. @example 'db.example.com' */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  host!: string;

  /**
   * The usual one of the type when left out: 5432 for PostgreSQL, 8123 for ClickHouse and 8080 for Trino, or 8443 for both
   * where `ssl_mode` insists on TLS.
   *
   * @example 5432
   */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(65_535)
  port?: number;

  /** For Trino `catalog`, whose tables are then `schema.table`, or `catalog.schema`. @example 'shop' */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  database_name!: string;

  /** An account that may read; give it no other rights. @example 'lumiere_reader' */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  username!: string;

  /** Kept encrypted and never given out; may be empty. @example 'what-the-database-knows' */
  @IsString()
  @MaxLength(1000)
  password!: string;

  /** How strictly the connection insists on TLS, in the words of libpq; `prefer` unless you say otherwise. */
  @MayBeAbsent()
  @IsIn(SSL_MODES)
  ssl_mode?: SslMode;

  /** `ca_certificate` (PEM) and `connect_timeout_ms`. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { connect_timeout_ms: 5000 } })
  @MayBeAbsent()
  @IsObject()
  options?: Record<string, unknown>;
}

class ColumnOfTableDto {
  /** @example 'orders' */
  table!: string;
  /** @example 'amount' */
  column!: string;
}

class RetypedColumnDto extends ColumnOfTableDto {
  /** @example 'integer' */
  from!: string;
  /** @example 'bigint' */
  to!: string;
}

class BrokenChartDto {
  /** @example 3 */
  id!: number;
  /** What the chart is called, and its dashboard. @example 'Revenue by month, on Sales' */
  title!: string;
  /** What it reads that is not there any more. @example ["orders.amount"] */
  missing!: string[];
}

class BrokenQueryDto {
  /** @example 12 */
  id!: number;
  /** The question, or the beginning of the SQL. @example 'Total amount by month' */
  title!: string;
  /** What it reads that is not there any more. @example ["orders.amount"] */
  missing!: string[];
}

/** What has changed since the schema was last read. */
export class SchemaDriftDto {
  added_tables!: string[];
  removed_tables!: string[];
  added_columns!: ColumnOfTableDto[];
  removed_columns!: ColumnOfTableDto[];
  retyped_columns!: RetypedColumnDto[];
  /** Verified queries, and queries behind charts, that read what is gone or has another type. */
  broken_queries!: BrokenQueryDto[];
  /** Charts on dashboards that read what is gone or has another type. */
  broken_charts!: BrokenChartDto[];

  static from({ drift, broken }: RefreshReport): SchemaDriftDto {
    const of = (wanted: BrokenDependent['kind']) =>
      broken.filter(({ kind }) => kind === wanted).map(({ id, title, missing }) => ({ id, title, missing }));
    return {
      added_tables: drift.addedTables,
      removed_tables: drift.removedTables,
      added_columns: drift.addedColumns,
      removed_columns: drift.removedColumns,
      retyped_columns: drift.retypedColumns,
      broken_queries: of('query'),
      broken_charts: of('chart'),
    };
  }
}

/** Where a database is and how to sign in there; what is left out stays as it is. */
export class UpdateConnectionDto extends PartialType(
  PickType(CreateDataSourceDto, ['host', 'port', 'database_name', 'username', 'password', 'ssl_mode', 'options']),
) {}
