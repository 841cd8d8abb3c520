export { DuckDbFileConnector } from './duckdb-file-connector.js';
export type { FileTable } from './file-table.js';
export { arrowFormat, csvFormat, type CsvOptions, exportResult, ndjsonFormat } from './export/index.js';
export { importFile } from './import/import-file.js';
export type { ImportedTable, ImportOptions, Reading, RejectedLine } from './import/import-request.js';
export type { EngineBounds } from './locked-instance.js';
export type { Restriction } from './restricted-view.js';
export { rowBytes } from './row-bytes.js';
export { FIRST_ROWS_BYTES, type Page, readPage } from './stored-result.js';
