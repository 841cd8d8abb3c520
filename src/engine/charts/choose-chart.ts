/**
 * Chooses a chart from the shape of a result: what its columns can stand for, how many rows and categories it has,
 * whether it is sorted. The rules follow Mackinlay's effectiveness order (1986, "Automating the Design of Graphical
 * Presentations"): position before length, length before angle and colour.
 */
import { EngineError } from '../errors.js';
import { harmlessText } from './cells.js';
import { profileTable, type ProfiledTable } from './column-profile.js';
import type { Chart, ChartType, ResultTable } from './contract.js';
import { drawBars, MAX_PARTS } from './drawings/bar.js';
import { isDrawing, tellsRowsApart, type Drawing, type NotDrawable } from './drawings/drawing.js';
import { drawHeatmap } from './drawings/heatmap.js';
import { drawHistogram } from './drawings/histogram.js';
import { drawLines } from './drawings/line.js';
import { drawNumber } from './drawings/number.js';
import { drawPie } from './drawings/pie.js';
import { drawScatter } from './drawings/scatter.js';
import { CHART_CONFIG, DEFAULT_HEIGHT, DEFAULT_WIDTH } from './theme.js';
import { capitalised, wrapped } from './wording.js';

export interface ChartWish {
  /** Draw this type, or fail. */
  type?: ChartType;
  title?: string;
  /** The question that the result answers: shown below the title, and heeded where it names a chart or asks for shares. */
  question?: string;
}

const DRAW: Record<Exclude<ChartType, 'table'>, (table: ProfiledTable) => Drawing | NotDrawable> = {
  bar: drawBars,
  line: (table) => drawLines(table, 'line'),
  area: (table) => drawLines(table, 'area'),
  pie: drawPie,
  scatter: drawScatter,
  histogram: drawHistogram,
  heatmap: drawHeatmap,
  number: drawNumber,
};

/**
 * The chart for a result, as a complete Vega-Lite 6 specification with at most 5,000 rows of data inline. The same
 * result and wish always give the same chart. Where nothing can be drawn the type is `table`, and `reason` says why.
 *
 * @throws EngineError `chart_not_possible` when the wished type does not fit the result; the message says what it needs
 */
export function chooseChart(result: ResultTable, wish: ChartWish = {}): Chart {
  const table = profileTable(result);
  if (wish.type === 'table') return tableChart(wish, 'A table was asked for.');
  if (wish.type !== undefined) {
    const outcome = draw(wish.type, table);
    if (!isDrawing(outcome)) throw new EngineError('chart_not_possible', notPossible(outcome.needs, table));
    return finished(outcome, table, wish);
  }
  const outcome =
    namedByQuestion(table, wish.question ?? '') ?? byShape(table, `${wish.title ?? ''} ${wish.question ?? ''}`);
  return isDrawing(outcome) ? finished(outcome, table, wish) : tableChart(wish, capitalised(outcome.needs));
}

function draw(type: Exclude<ChartType, 'table'>, table: ProfiledTable): Drawing | NotDrawable {
  return table.rowCount === 0 ? { needs: 'The result has no rows.' } : DRAW[type](table);
}

function notPossible(needs: string, table: ProfiledTable): string {
  if (table.rowCount === 0)
    return 'The result has no rows, so there is nothing to draw. Ask for a table, or change the question.';
  return `This result does not fit that chart: ${needs} Leave the type out to get the chart that fits.`;
}

const NAMED_TYPES: [RegExp, Exclude<ChartType, 'table'>][] = [
  [/\b(pie|donut|doughnut)\s*(chart|graph|diagram|plot)?\b/i, 'pie'],
  [/\bhistogram\b/i, 'histogram'],
  [/\bheat\s?map\b/i, 'heatmap'],
  [/\bscatter(\s*(chart|graph|plot|diagram))?\b/i, 'scatter'],
  [/\bline\s+(chart|graph|plot|diagram)\b/i, 'line'],
  [/\barea\s+(chart|graph|plot|diagram)\b/i, 'area'],
  [/\b(bar|column)\s+(chart|graph|plot|diagram)\b/i, 'bar'],
];

/** The chart that the question itself names, when it fits. */
function namedByQuestion(table: ProfiledTable, question: string): Drawing | null {
  const named = NAMED_TYPES.find(([words]) => words.test(question));
  if (!named) return null;
  // Many people say histogram for any bar chart: with a name for each row, bars are what they mean.
  if (named[1] === 'histogram' && table.categories.some((category) => tellsRowsApart(category))) return null;
  const outcome = draw(named[1], table);
  return isDrawing(outcome) ? { ...outcome, reason: `The question asks for it. ${outcome.reason}` } : null;
}

const SHARES = /\b(shares?|percentages?|percent|proportions?)\b/i;

function byShape(table: ProfiledTable, words: string): Drawing | NotDrawable {
  const { rowCount, measures, times, categories } = table;
  if (rowCount === 0) return { needs: 'the result has no rows.' };
  if (measures.length === 0) return { needs: 'the result has no numbers to draw.' };
  if (rowCount === 1) {
    return measures.length === 1
      ? drawNumber(table)
      : { needs: 'several values of a single row read best as a table.' };
  }
  const places = measures.some(({ geo }) => geo === 'latitude') && measures.some(({ geo }) => geo === 'longitude');
  if (places) return drawScatter(table);
  if (times.length + categories.length === 0) return withoutDimensions(table);
  if (times.length > 0) return overTime(table);
  if (categories.length === 1) return byCategory(table, words);
  if (categories.length === 2) return byTwoCategories(table);
  const names = categories.some((category) => tellsRowsApart(category));
  return names && rowCount <= 30 ? drawBars(table) : { needs: 'the result has more columns than a chart can show.' };
}

function withoutDimensions(table: ProfiledTable): Drawing | NotDrawable {
  const { measures, rowCount } = table;
  if (measures.length === 2 && rowCount >= 3) return drawScatter(table);
  if (measures.length === 1 && rowCount >= 20) return drawHistogram(table);
  return {
    needs:
      measures.length === 1
        ? 'a few numbers without names read best as a table.'
        : 'the numbers have no names or dates to draw them along.',
  };
}

function overTime(table: ProfiledTable): Drawing | NotDrawable {
  const [time] = table.times;
  const [series] = table.categories;
  if (!time) return { needs: 'the result has no dates.' };
  // Rows that all have another name and another date are a list of events: a line through them would mean nothing.
  const events = series !== undefined && series.distinct > 12 && series.distinct * 2 > table.rowCount;
  if (events && table.rowCount <= 30 && tellsRowsApart(series)) return drawBars({ ...table, times: [] });
  if (table.categories.length <= 1 && !events) {
    const lines = drawLines(table);
    if (isDrawing(lines)) return lines;
  }
  return table.categories.length <= 1
    ? drawScatter(table)
    : { needs: 'the result has more columns than a chart can show.' };
}

function byCategory(table: ProfiledTable, words: string): Drawing | NotDrawable {
  const [category] = table.categories;
  if (!category) return { needs: 'the result has no names.' };
  const { measures, rowCount } = table;
  if (!tellsRowsApart(category)) {
    if (measures.length >= 2) return drawScatter(table);
    return rowCount >= 20
      ? drawHistogram(table)
      : { needs: `several rows have the same ${category.title.toLowerCase()}.` };
  }
  if (measures.length === 1 && SHARES.test(words) && rowCount <= 6) {
    const pie = drawPie(table);
    if (isDrawing(pie)) return pie;
  }
  if (measures.length === 2 && rowCount > 30 && !measures.some(({ aggregate }) => aggregate)) return drawScatter(table);
  // More bars than can be read, along an order of their own (ages, days), are a curve.
  if (category.order && category.distinct > 30) return drawLines(table);
  return drawBars(table);
}

function byTwoCategories(table: ProfiledTable): Drawing | NotDrawable {
  const [first, second] = table.categories;
  if (!first || !second || !tellsRowsApart(first, second)) {
    return table.measures.length >= 2 ? drawScatter(table) : { needs: 'several rows have the same names.' };
  }
  const [few, many] = [Math.min(first.distinct, second.distinct), Math.max(first.distinct, second.distinct)];
  const sparse = table.rowCount < first.distinct * second.distinct * 0.35;
  if (few <= MAX_PARTS || (sparse && table.rowCount <= 60)) return drawBars(table);
  return many <= 60 ? drawHeatmap(table) : { needs: 'there are too many pairs of names for a chart.' };
}

function tableChart(wish: ChartWish, reason: string): Chart {
  return { type: 'table', title: title(wish, 'Result'), reason, spec: null };
}

function title(wish: ChartWish, own: string): string {
  const wished = harmlessText(wish.title ?? '', 200);
  return wished === '' ? own : wished;
}

/** Adds title, theme and size: a complete specification. */
function finished(drawing: Drawing, table: ProfiledTable, wish: ChartWish): Chart {
  const text = title(wish, drawing.title);
  const question = harmlessText(wish.question ?? '', 240);
  const lines = drawing.type === 'number' ? [] : wrapped(text, 74, 2);
  const subtitle = question === '' || question === text || drawing.type === 'number' ? [] : wrapped(question, 104, 2);
  const heading = lines.length * 21 + subtitle.length * 16 + (subtitle.length > 0 ? 6 : 0);
  const cut = table.truncated ? ' Only the first rows of the result are drawn.' : '';
  return {
    type: drawing.type,
    title: text,
    reason: drawing.reason + cut,
    spec: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      description: text,
      ...(lines.length > 0 ? { title: { text: lines, ...(subtitle.length > 0 ? { subtitle } : {}) } } : {}),
      width: drawing.width ?? DEFAULT_WIDTH,
      height: drawing.height === null ? DEFAULT_HEIGHT : drawing.height + heading + 50,
      autosize: { type: 'fit', contains: 'padding' },
      data: { values: drawing.rows },
      ...drawing.view,
      config: CHART_CONFIG,
    },
  };
}
