/** Word documents and PDFs as tests need them, as small as they can be. */
import { zipOf } from '../../src/engine/connectors/duckdb/import/xlsx/zip.fixture.js';

export interface WordParagraph {
  text: string;
  /** The id of its style. */
  style?: string;
  /** Struck out while changes were tracked. */
  isDeleted?: boolean;
}

const MAIN = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';

export function docxOf(paragraphs: readonly WordParagraph[]): Uint8Array<ArrayBuffer> {
  const body = paragraphs.map(({ text, style, isDeleted = false }) => {
    const run = isDeleted
      ? `<w:del><w:r><w:delText>${text}</w:delText></w:r></w:del>`
      : `<w:r><w:t>${text}</w:t></w:r>`;
    return `<w:p>${style === undefined ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}${run}</w:p>`;
  });
  return new Uint8Array(
    zipOf([
      { name: '[Content_Types].xml', content: '<Types/>' },
      {
        name: 'word/styles.xml',
        content: `<w:styles xmlns:w="${MAIN}"><w:style w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
      },
      {
        name: 'word/document.xml',
        content: `<w:document xmlns:w="${MAIN}"><w:body>${body.join('')}</w:body></w:document>`,
      },
    ]),
  );
}

/** One page, a line for each text, at a distance that makes each a paragraph. */
export function pdfOf(lines: readonly { size: number; text: string }[]): Uint8Array<ArrayBuffer> {
  const drawn = lines
    .map(({ size, text }, index) => `BT /F1 ${size} Tf 72 ${720 - 60 * index} Td (${text}) Tj ET`)
    .join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  return pdfFile(objects.map((object) => Buffer.from(object)));
}

/** A PDF of these objects, the first of which is its catalogue. */
export function pdfFile(objects: readonly Buffer[], trailer = ''): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  let length = 9;
  const places = objects.map((object, index) => {
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]);
    parts.push(part);
    length += part.length;
    return length - part.length;
  });
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`),
    Buffer.from(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${length}\n%%EOF\n`),
  );
  return new Uint8Array(Buffer.concat(parts));
}

/** A stream as an object of a PDF. */
export function pdfStream(content: Buffer, entries = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`<< /Length ${content.length} ${entries} >>\nstream\n`),
    content,
    Buffer.from('\nendstream'),
  ]);
}
