export { arrowFormat } from './arrow-format.js';
export { csvFormat, type CsvOptions } from './csv-format.js';
export { exportResult, readResult } from './export-result.js';
export { projectResult } from './project-result.js';
export { ndjsonFormat } from './ndjson-format.js';
