import type { EntityManager } from 'typeorm';
import { DataSourceConfig } from './entities/data-source-config.entity.js';

/** The key under which the schema is kept of the tables whose name has none. */
export const DEFAULT_SCHEMA = 'default_schema';

/** Null where the source has no such thing. */
export async function readDefaultSchema(manager: EntityManager, dataSourceId: number): Promise<string | null> {
  const setting = await manager.findOneBy(DataSourceConfig, { dataSourceId, key: DEFAULT_SCHEMA });
  return typeof setting?.value === 'string' ? setting.value : null;
}
