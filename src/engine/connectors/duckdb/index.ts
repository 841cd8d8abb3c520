export { DuckDbFileConnector } from './duckdb-file-connector.js';
export type { FileTable } from './file-table.js';
export {
  arrowFormat,
  csvFormat,
  type CsvOptions,
  exportResult,
  ndjsonFormat,
  projectResult,
  readResult,
} from './export/index.js';
export { importFile } from './import/import-file.js';
export type { ImportedTable, ImportOptions, Reading, RejectedLine } from './import/import-request.js';
export type { EngineBounds } from './engine-bounds.js';
export type { Restriction } from './restricted-view.js';
export { tableName } from './table-names.js';
export { EngineProcesses } from './processes/engine-processes.js';
export { rowBytes } from './row-bytes.js';
export { readPage } from './read-page.js';
export { FIRST_ROWS_BYTES, type Page } from './stored-result.js';
