import type { Dialect } from '../../engine/catalog/catalog.js';
import type { DataSourceType } from './entities/data-source.entity.js';

const DIALECTS: Record<DataSourceType, Dialect> = {
  file: 'duckdb',
  combined: 'duckdb',
  postgres: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
  clickhouse: 'clickhouse',
  trino: 'trino',
};

/** The SQL that a source of this type understands. */
export function dialectOf(type: DataSourceType): Dialect {
  return DIALECTS[type];
}
