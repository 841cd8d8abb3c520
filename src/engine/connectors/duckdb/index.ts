export { DuckDbFileConnector, type FileSource, type FileTable, type PreviewRequest } from './duckdb-file-connector.js';
export {
  type EngineBounds,
  type LockedInstance,
  type LockedInstanceOptions,
  openLockedInstance,
} from './locked-instance.js';
export { type ProfileRequest, profileTables } from './profile-tables.js';
export { type CsvRequest, type Page, type PageRequest, readPage, writeCsv } from './stored-result.js';
export { tableName } from './table-names.js';
export { importFile } from './import/import-file.js';
export type { ImportedTable, ImportOptions, ImportRequest } from './import/import-request.js';
