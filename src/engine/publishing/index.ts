export { htmlDocument } from './html-document.js';
export { pdfDocument } from './pdf-document.js';
export type { Publication, PublishedPart } from './publication.js';
export { workbook } from './workbook.js';
