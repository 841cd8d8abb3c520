export { isCollision, isDuplicate, isStillReferenced } from './constraint-errors.js';
export { DatabaseModule } from './database.module.js';
export { dataSourceOptions } from './data-source-options.js';
export { type EncryptedColumn, encryptedColumns } from './encrypted-columns.js';
export { type EmbeddedConnection, EmbeddedPostgres } from './embedded-postgres.js';
export { MIGRATION_LOCK, runMigrations } from './migrate.js';
export { openDatabase, type OpenedDatabase } from './open-database.js';
export * from './page.js';
export { readSchemaState, refuseOtherSchema, type SchemaState } from './schema-state.js';
