export { isDuplicate, isStillReferenced } from './constraint-errors.js';
export { DatabaseModule } from './database.module.js';
export { EmbeddedPostgres } from './embedded-postgres.js';
export * from './page.js';
