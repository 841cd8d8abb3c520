export { DuckDbFileConnector, type FileTable } from './duckdb-file-connector.js';
export { importFile } from './import/import-file.js';
export type { ImportedTable, ImportOptions, Reading, RejectedLine } from './import/import-request.js';
export type { EngineBounds } from './locked-instance.js';
export type { Restriction } from './restricted-view.js';
export { tableName } from './table-names.js';
export { rowBytes } from './row-bytes.js';
export { FIRST_ROWS_BYTES, type Page, readPage, writeCsv } from './stored-result.js';
