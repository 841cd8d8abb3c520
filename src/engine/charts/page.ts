/** A page of cards, each with a chart, a table or a sentence, as one picture. */
import { EngineError } from '../errors.js';
import { fontMetrics } from './font-metrics.js';
import { rasterise } from './render.js';
import { FONT_FAMILY, INK, MUTED_INK } from './theme.js';

export const PAGE_WIDTH = 1200;
const COLUMNS = 12;
const GAP = 16;
const ROW_HEIGHT = 72;
const PADDING = 16;
const TITLE_HEIGHT = 30;
const FOOTER_HEIGHT = 22;
const HEADER_HEIGHT = 84;
const NOTE_HEIGHT = 22;
const TABLE_ROW_HEIGHT = 23;
/** The least that a chart can be drawn at. */
const MIN_CHART_SIZE = 120;
/** The most pixels of a picture, 96 MB of memory while it is drawn. */
const MAX_PIXELS = 24_000_000;

const BACKGROUND = '#f4f6f8';
const BORDER = '#dfe4ea';
const STRIPE = '#f7f9fb';
const BAD = '#b3261e';

/** A place on a grid of twelve columns, in columns and rows from 0. */
export interface GridPlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a card is on the page, and how large what is in it can be, in pixels. */
export interface CardBox {
  x: number;
  y: number;
  width: number;
  height: number;
  body: { width: number; height: number };
}

export type CardBody =
  | { kind: 'chart'; svg: string }
  | { kind: 'table'; columns: { title: string; isNumber: boolean }[]; rows: string[][] }
  | { kind: 'message'; text: string; isBad: boolean };

export interface PageCard {
  title: string;
  footer: string;
  place: GridPlace;
  body: CardBody;
}

export interface Page {
  title: string;
  subtitle: string;
  /** What holds for all of the page, in a line below; empty when there is nothing to say. */
  note: string;
  cards: readonly PageCard[];
}

/** The pixels of a place on the grid. The body is never smaller than a chart can be. */
export function cardBox({ x, y, width, height }: GridPlace): CardBox {
  const column = (PAGE_WIDTH - GAP * (COLUMNS - 1)) / COLUMNS;
  const pixels = { width: Math.round(width * (column + GAP) - GAP), height: height * (ROW_HEIGHT + GAP) - GAP };
  return {
    x: Math.round(x * (column + GAP)),
    y: y * (ROW_HEIGHT + GAP),
    ...pixels,
    body: {
      width: Math.max(MIN_CHART_SIZE, pixels.width - 2 * PADDING),
      height: Math.max(MIN_CHART_SIZE, pixels.height - PADDING - TITLE_HEIGHT - FOOTER_HEIGHT - PADDING / 2),
    },
  };
}

/** Pixels from the top of a page to its cards. */
function headerHeight({ note }: Page): number {
  return HEADER_HEIGHT + (note === '' ? 0 : NOTE_HEIGHT);
}

/** Pixels of a page, from its top to the end of the lowest card. */
function pageHeight(page: Page): number {
  const ends = page.cards.map(({ place }) => cardBox(place).y + cardBox(place).height);
  return headerHeight(page) + Math.max(ROW_HEIGHT, ...ends) + 2 * GAP;
}

/** The page as a standalone SVG document: text is escaped, and nothing is loaded. */
export function renderPageSvg(page: Page): string {
  const { title, subtitle, note, cards } = page;
  const [width, height] = [PAGE_WIDTH + 2 * GAP, pageHeight(page)];
  const head = [
    text(fitted(title, 26, width - 2 * GAP, true), { x: GAP, y: 42, size: 26, bold: true }),
    text(fitted(subtitle, 13, width - 2 * GAP), { x: GAP, y: 66, size: 13, fill: MUTED_INK }),
    ...(note === '' ? [] : [text(fitted(note, 13, width - 2 * GAP), { x: GAP, y: 88, size: 13 })]),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(FONT_FAMILY)}">`,
    `<rect width="${width}" height="${height}" fill="${BACKGROUND}"/>`,
    ...head,
    ...cards.map((card, nth) => cardSvg(card, nth, headerHeight(page))),
    '</svg>',
  ].join('\n');
}

/**
 * The page as a PNG, at two pixels for one where that is not too many.
 *
 * @throws EngineError `chart_not_possible` when the page is too long for one picture
 */
export async function renderPagePng(page: Page): Promise<Buffer> {
  const pixels = (PAGE_WIDTH + 2 * GAP) * pageHeight(page);
  const scale = [2, 1].find((one) => pixels * one * one <= MAX_PIXELS);
  if (scale === undefined) {
    throw new EngineError('chart_not_possible', 'The dashboard is too long for one picture. Ask for HTML or SVG.');
  }
  return rasterise(renderPageSvg(page), scale);
}

function cardSvg({ title, footer, place, body }: PageCard, nth: number, top: number): string {
  const box = cardBox(place);
  const inner = box.width - 2 * PADDING;
  return [
    `<g transform="translate(${box.x + GAP} ${box.y + top})">`,
    `<rect width="${box.width}" height="${box.height}" rx="8" fill="#ffffff" stroke="${BORDER}"/>`,
    text(fitted(title, 14, inner, true), { x: PADDING, y: PADDING + 12, size: 14, bold: true }),
    bodySvg(body, { ...box, width: inner }, nth),
    text(fitted(footer, 10.5, inner), { x: PADDING, y: box.height - 10, size: 10.5, fill: MUTED_INK }),
    '</g>',
  ].join('\n');
}

function bodySvg(body: CardBody, { width, height: cardHeight }: CardBox, nth: number): string {
  const [top, height] = [PADDING + TITLE_HEIGHT - 6, cardHeight - PADDING - TITLE_HEIGHT - FOOTER_HEIGHT];
  if (body.kind === 'message') {
    const lines = wrappedText(body.text, 13, width);
    const first = top + height / 2 - (lines.length - 1) * 9;
    const fill = body.isBad ? BAD : MUTED_INK;
    return lines
      .map((line, index) =>
        text(line, { x: PADDING + width / 2, y: first + index * 18, size: 13, fill, anchor: 'middle' }),
      )
      .join('\n');
  }
  if (body.kind === 'table') return tableSvg(body, { top, width, height });
  return nested(body.svg, nth, { x: PADDING, y: top, width, height });
}

/** A chart of ours within the page. What it defines gets names of its own: those of all charts are the same. */
function nested(
  svg: string,
  nth: number,
  { x, y, width, height }: Record<'x' | 'y' | 'width' | 'height', number>,
): string {
  const prefix = `chart${nth}-`;
  const renamed = svg
    .replaceAll(/ id="([\w-]+)"/g, ` id="${prefix}$1"`)
    .replaceAll(/url\(#([\w-]+)\)/g, `url(#${prefix}$1)`)
    .replaceAll(/ (xlink:)?href="#([\w-]+)"/g, ` $1href="#${prefix}$2"`);
  const [opening = '', own = '', ownHeight = ''] =
    /^<svg[^>]*?width="([\d.]+)"[^>]*?height="([\d.]+)"[^>]*>/.exec(renamed) ?? [];
  const box = `x="${x}" y="${y}" width="${width}" height="${height}" viewBox="0 0 ${own} ${ownHeight}"`;
  return `<svg xmlns:xlink="http://www.w3.org/1999/xlink" ${box} preserveAspectRatio="xMidYMid meet">${renamed.slice(opening.length)}`;
}

function tableSvg(
  { columns, rows }: Extract<CardBody, { kind: 'table' }>,
  { top, width, height }: { top: number; width: number; height: number },
): string {
  const fitting = Math.max(1, Math.floor(height / TABLE_ROW_HEIGHT) - 1);
  const shown = rows.slice(0, fitting);
  const widths = columnWidths(columns, shown, width);
  const line = (cells: readonly string[], y: number, bold: boolean): string => {
    let x = PADDING;
    return cells
      .map((cell, index) => {
        const room = widths[index] ?? 0;
        const right = columns[index]?.isNumber === true;
        const at = { x: right ? x + room - 6 : x + 6, y: y + 15, size: 11.5, bold };
        x += room;
        const anchor = right ? ('end' as const) : ('start' as const);
        return text(fitted(cell, 11.5, room - 12, bold), { ...at, anchor, fill: bold ? MUTED_INK : INK });
      })
      .join('');
  };
  const body = shown.map((cells, index) => {
    const y = top + (index + 1) * TABLE_ROW_HEIGHT;
    const stripe = `<rect x="${PADDING}" y="${y}" width="${width}" height="${TABLE_ROW_HEIGHT}" fill="${STRIPE}"/>`;
    return (index % 2 === 0 ? stripe : '') + line(cells, y, false);
  });
  return [
    line(
      columns.map(({ title }) => title),
      top,
      true,
    ),
    ...body,
  ].join('\n');
}

/** As wide as their contents, and all of them together as wide as there is room. */
function columnWidths(columns: readonly { title: string }[], rows: readonly string[][], width: number): number[] {
  const wanted = columns.map(({ title }, index) => {
    const cells = [title, ...rows.map((row) => row[index] ?? '')];
    return Math.min(260, Math.max(36, ...cells.map((cell) => textWidth(cell, 11.5) + 14)));
  });
  const total = wanted.reduce((sum, one) => sum + one, 0);
  return wanted.map((one) => (one * width) / total);
}

interface TextPlace {
  x: number;
  y: number;
  size: number;
  bold?: boolean;
  fill?: string;
  anchor?: 'start' | 'middle' | 'end';
}

function text(content: string, { x, y, size, bold = false, fill = INK, anchor = 'start' }: TextPlace): string {
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}"${weight} fill="${fill}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function textWidth(content: string, size: number, bold = false): number {
  return fontMetrics(bold ? 'bold' : 'regular').width(content) * size;
}

/** The text, or as much of it as there is room for. */
function fitted(content: string, size: number, room: number, bold = false): string {
  if (textWidth(content, size, bold) <= room) return content;
  const characters = [...content];
  let [low, high] = [0, characters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(`${characters.slice(0, middle).join('')}…`, size, bold) <= room) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join('').trimEnd()}…`;
}

function wrappedText(content: string, size: number, room: number): string[] {
  const lines: string[] = [];
  for (const word of content.split(/\s+/)) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last === undefined || textWidth(longer, size) > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.slice(0, 6).map((line) => fitted(line, size, room));
}

/** Control characters and halves of surrogate pairs may not stand in XML. */
function escaped(content: string): string {
  return content
    .replaceAll(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
