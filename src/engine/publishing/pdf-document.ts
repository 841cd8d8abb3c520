import { setImmediate as turn } from 'node:timers/promises';
import PdfWriter from 'pdfkit';
import { FONT_FILES, fontMetrics } from '../charts/font-metrics.js';
import { footnotes, isFigure, moment, type Publication, type PublishedPart, rowsAsText } from './publication.js';

const MARGIN = 48;
/** A4 in points. */
const PAGE = { width: 841.89, height: 595.28 };
const INNER = { width: PAGE.width - 2 * MARGIN, bottom: PAGE.height - MARGIN - 14 };
const CELL = { padding: 4, side: 6, font: 8 };
const NARROWEST = 40;
const WIDEST = 260;
/** Rows by which the width of columns is judged. */
const SAMPLE = 200;
const LONGEST_CELL = 300;
/** Of the size that a picture could have: smaller it is not drawn. */
const LEAST_SHARE = 0.6;
const MOST_LINES = 4;
const INK = { text: '#1f2933', soft: '#52606d', line: '#cbd2d9', head: '#f0f3f6' };

/**
 * A document on A4 pages across: titles, pictures and tables, whose header is repeated on every page, the moment of the data, and
 * numbered pages. Drawn with the shipped font (what it cannot show is in `renderPng`). Columns that do not fit beside each
 * other follow on pages of their own, each with the first column.
 *
 * @param made when it was made, for the foot of the pages
 */
export async function pdfDocument({ title, notes, parts }: Publication, made: Date): Promise<Buffer> {
  const pdf = new PdfWriter({
    size: 'A4',
    layout: 'landscape',
    margin: MARGIN,
    bufferPages: true,
    info: { Title: title, Creator: 'Lumiere', CreationDate: made },
    font: FONT_FILES.regular,
  });
  const whole = collected(pdf);
  pdf.registerFont('regular', FONT_FILES.regular);
  pdf.registerFont('bold', FONT_FILES.bold);
  useFont(pdf, 'bold', 18).fillColor(INK.text).text(plain(title), { width: INNER.width });
  for (const note of notes) {
    useFont(pdf, 'regular', 9)
      .fillColor(INK.soft)
      .text(plain(note), MARGIN, pdf.y + 2, { width: INNER.width });
  }
  pdf.moveDown(0.6);
  let isFirst = true;
  for (const part of parts) {
    if (!isFirst) pdf.moveDown(1.2);
    await drawPart(pdf, part, parts.length === 1 && part.title === title);
    isFirst = false;
  }
  numberPages(pdf, title, made);
  pdf.end();
  return whole;
}

type Pdf = InstanceType<typeof PdfWriter>;
type Weight = keyof typeof FONT_FILES;

const fontInUse = new WeakMap<Pdf, Weight>();

/** The library reads the whole font again whenever it is told to use one, also the one that is in use. */
function useFont(pdf: Pdf, weight: Weight, size: number): Pdf {
  if (fontInUse.get(pdf) !== weight) pdf.font(weight);
  fontInUse.set(pdf, weight);
  return pdf.fontSize(size);
}

async function drawPart(pdf: Pdf, part: PublishedPart, isTitled: boolean): Promise<void> {
  const { title, picture, table } = part;
  if (picture !== null) drawPicture(pdf, title, picture.png, isTitled);
  else if (!isTitled) heading(pdf, title, 60);
  if (table !== null) await drawTable(pdf, table);
  useFont(pdf, 'regular', 8).fillColor(INK.soft);
  for (const note of footnotes(part)) {
    if (pdf.y + 12 > INNER.bottom) pdf.addPage();
    pdf.text(plain(note), MARGIN, pdf.y + 4, { width: INNER.width });
  }
}

function heading(pdf: Pdf, title: string, room: number): void {
  if (pdf.y + room > INNER.bottom) pdf.addPage();
  useFont(pdf, 'bold', 12).fillColor(INK.text).text(plain(title), MARGIN, pdf.y, { width: INNER.width });
  pdf.moveDown(0.4);
}

/**
 * A picture stays in one piece, with its title above it. Where it would be drawn not much smaller than it could be, it goes to what is
 * left of the page, so that no page is left nearly empty.
 */
function drawPicture(pdf: Pdf, title: string, png: Buffer, isTitled: boolean): void {
  const image = sizeOf(png);
  const head = isTitled ? 0 : 30;
  const scaleWithin = (height: number): number => Math.min(INNER.width / image.width, height / image.height, 0.5);
  const wished = scaleWithin(INNER.bottom - MARGIN - 60);
  const here = scaleWithin(INNER.bottom - pdf.y - head - 8);
  const fits = here >= wished * LEAST_SHARE;
  const scale = fits ? here : wished;
  if (!fits) pdf.addPage();
  if (!isTitled) heading(pdf, title, 0);
  const top = pdf.y;
  pdf.image(png, MARGIN, top, { width: image.width * scale, height: image.height * scale });
  pdf.y = top + image.height * scale + 6;
}

/** Of a PNG, in pixels: its header comes first (RFC 2083, 4.1.1). */
function sizeOf(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/** A table as it is drawn. */
interface Table {
  columns: NonNullable<PublishedPart['table']>['columns'];
  rows: readonly (readonly string[])[];
}

async function drawTable(pdf: Pdf, table: NonNullable<PublishedPart['table']>): Promise<void> {
  const drawn: Table = { columns: table.columns, rows: rowsAsText(table) };
  const widths = widthsOf(drawn);
  for (const columns of groups(widths)) await drawColumns(pdf, drawn, columns, filling(widths, columns));
}

/** The widths by which some columns together take the whole page: each has its share of the room that is left over. */
function filling(widths: readonly number[], which: readonly number[]): number[] {
  const total = which.reduce((sum, index) => sum + (widths[index] ?? 0), 0);
  return widths.map((width) => (total < INNER.width ? (width * INNER.width) / total : width));
}

/** The columns that go on a page together, the first of all among them. */
function groups(widths: readonly number[]): number[][] {
  const found: number[][] = [];
  let current: number[] = [];
  let width = 0;
  widths.forEach((own, index) => {
    if (current.length > 0 && width + own > INNER.width) {
      found.push(current);
      current = [0];
      width = widths[0] ?? 0;
    }
    current.push(index);
    width += own;
  });
  return current.length > 0 ? [...found, current] : found;
}

async function drawColumns(pdf: Pdf, { columns, rows }: Table, which: number[], widths: number[]): Promise<void> {
  const drawHead = (): void => {
    const names = which.map((index) => columns[index]?.name ?? '');
    const height = heightOf(pdf, names, which, widths, 'bold');
    const total = which.reduce((sum, index) => sum + (widths[index] ?? 0), 0);
    pdf.rect(MARGIN, pdf.y, total, height).fill(INK.head);
    drawRow(pdf, names, columns, which, widths, height, 'bold');
  };
  if (pdf.y + 60 > INNER.bottom) pdf.addPage();
  drawHead();
  for (const [position, row] of rows.entries()) {
    const texts = which.map((index) => cellText(row[index] ?? ''));
    const height = heightOf(pdf, texts, which, widths, 'regular');
    if (pdf.y + height > INNER.bottom) {
      pdf.addPage();
      drawHead();
    }
    drawRow(pdf, texts, columns, which, widths, height, 'regular');
    if (position % 20 === 19) await turn();
  }
  pdf.y += 6;
}

function drawRow(
  pdf: Pdf,
  texts: readonly string[],
  columns: Table['columns'],
  which: readonly number[],
  widths: readonly number[],
  height: number,
  font: Weight,
): void {
  const top = pdf.y;
  let left = MARGIN;
  useFont(pdf, font, CELL.font).fillColor(INK.text);
  which.forEach((index, place) => {
    const width = widths[index] ?? NARROWEST;
    const column = columns[index];
    const text = plain(texts[place] ?? '');
    const room = width - 2 * CELL.side;
    const isRight = column !== undefined && isFigure(column);
    const own = widthOf(text, font);
    if (own <= room) {
      // Most of them: laying out lines takes a hundred times as long.
      const start = left + CELL.side + (isRight ? room - own : 0);
      pdf.text(text, start, top + CELL.padding, { lineBreak: false });
    } else {
      pdf.text(text, left + CELL.side, top + CELL.padding, {
        width: room,
        height: height - CELL.padding,
        align: isRight ? 'right' : 'left',
        ellipsis: true,
      });
    }
    left += width;
  });
  pdf
    .moveTo(MARGIN, top + height)
    .lineTo(left, top + height)
    .lineWidth(0.5)
    .stroke(INK.line);
  pdf.x = MARGIN;
  pdf.y = top + height;
}

function heightOf(
  pdf: Pdf,
  texts: readonly string[],
  which: readonly number[],
  widths: readonly number[],
  font: Weight,
): number {
  useFont(pdf, font, CELL.font);
  const line = pdf.currentLineHeight(true);
  const lines = texts.map((text, place) => {
    const width = (widths[which[place] ?? 0] ?? NARROWEST) - 2 * CELL.side;
    const shownText = plain(text);
    return widthOf(shownText, font) <= width ? line : pdf.heightOfString(shownText, { width });
  });
  return Math.min(Math.max(line, ...lines), MOST_LINES * line) + 2 * CELL.padding;
}

/** As wide as the beginning of the table needs, within bounds. */
function widthsOf({ columns, rows }: Table): number[] {
  return columns.map(({ name }, index) => {
    let needed = widthOf(plain(name.slice(0, LONGEST_CELL)), 'bold');
    for (const row of rows.slice(0, SAMPLE)) {
      needed = Math.max(needed, widthOf(plain(cellText(row[index] ?? '')), 'regular'));
    }
    return Math.min(WIDEST, Math.max(NARROWEST, needed + 2 * CELL.side + 2));
  });
}

function numberPages(pdf: Pdf, title: string, made: Date): void {
  const { start, count } = pdf.bufferedPageRange();
  const short = title.length > 80 ? `${title.slice(0, 79)}…` : title;
  for (let index = 0; index < count; index += 1) {
    pdf.switchToPage(start + index);
    // Below the margin nothing may be written, unless there is none.
    pdf.page.margins.bottom = 0;
    const at = PAGE.height - MARGIN + 8;
    useFont(pdf, 'regular', 8).fillColor(INK.soft);
    pdf.text(plain(`${short} · made ${moment(made)}`), MARGIN, at, { width: INNER.width - 80, lineBreak: false });
    pdf.text(`${index + 1} / ${count}`, PAGE.width - MARGIN - 80, at, { width: 80, align: 'right', lineBreak: false });
  }
}

/** In points, as the text of a cell. */
function widthOf(text: string, font: Weight): number {
  return fontMetrics(font).width(text) * CELL.font;
}

function cellText(text: string): string {
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text;
}

/** Without what has no picture and would be drawn as one. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\0-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '');
}

async function collected(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
