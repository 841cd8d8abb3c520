/**
 * Checks that a specification is one that `chooseChart` could have made. Vega compiles expressions to JavaScript and
 * loads data and pictures from URLs; a specification that came from outside must reach neither.
 */
import { EngineError } from '../errors.js';
import { BILLIONS_LABEL, MAX_POINTS } from './drawings/drawing.js';
import { CHART_CONFIG } from './theme.js';
import { wordSet } from './wording.js';

/** Every key that our specifications use, the rows of data aside. `url`, `signal`, `expr`, `href` … are not among them. */
const KEYS = wordSet(`
  $schema description title text subtitle width height autosize type contains data values mark encoding layer
  transform filter field lt lte gte or condition test value x y x2 xOffset yOffset color theta order tooltip sort
  scale stack step domain domainMid range zero paddingInner paddingOuter axis legend format labelExpr labelAngle
  labelOverlap labelLimit labelFontSize tickCount tickMinStep interval orient direction offset symbolType
  rowPadding gradientThickness gradientLength point size opacity fillOpacity filled line cornerRadius
  cornerRadiusEnd innerRadius outerRadius padAngle align baseline dx dy fontSize fontWeight limit grid nice y2
  datum stroke strokeWidth aria
`);
const MARKS = new Set(['bar', 'line', 'area', 'arc', 'point', 'rect', 'text']);
const FIELD = /^[a-z][a-z0-9_]{0,80}$/;
const MAX_DEPTH = 12;

/**
 * The specification with our own theme, ready to be rendered.
 *
 * @throws EngineError `chart_not_possible` when it holds anything that our charts do not use
 */
export function trustedSpec(spec: Record<string, unknown>): Record<string, unknown> {
  const { config: _, data, ...rest } = spec;
  checkData(data);
  checkNode(rest, 0);
  return { ...rest, data, config: CHART_CONFIG };
}

function refuse(what: string): never {
  throw new EngineError(
    'chart_not_possible',
    `This chart specification holds ${what}, which Lumiere's charts do not use. Render a specification that Lumiere made.`,
  );
}

function checkNode(node: unknown, depth: number): void {
  if (depth > MAX_DEPTH) refuse('too many levels');
  if (Array.isArray(node)) {
    for (const item of node) checkNode(item, depth + 1);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (!KEYS.has(key)) refuse('a property');
    checkProperty(key, value);
    checkNode(value, depth + 1);
  }
}

function checkProperty(key: string, value: unknown): void {
  if (key === 'labelExpr' && value !== BILLIONS_LABEL) refuse('an expression');
  if ((key === 'filter' || key === 'test') && (typeof value !== 'object' || value === null)) refuse('an expression');
  if (key === 'data') refuse('data inside a layer');
  if (key === 'field' && !(typeof value === 'string' && FIELD.test(value))) refuse('a field name');
  if (key === 'mark' && !MARKS.has(markType(value))) refuse('a mark');
}

function markType(mark: unknown): string {
  if (typeof mark === 'object' && mark !== null && 'type' in mark) return String(mark.type);
  return String(mark);
}

function checkData(data: unknown): void {
  const values = typeof data === 'object' && data !== null && 'values' in data ? data.values : null;
  if (!Array.isArray(values) || Object.keys(data ?? {}).length !== 1) refuse('data that is not inline');
  if (values.length > MAX_POINTS) refuse(`more than ${MAX_POINTS.toLocaleString('en-US')} rows`);
  for (const row of values) {
    if (typeof row !== 'object' || row === null) refuse('a row that is not an object');
    for (const [field, cell] of Object.entries(row)) {
      if (!FIELD.test(field)) refuse('a field name');
      if (typeof cell === 'object' && cell !== null) refuse('a nested value');
    }
  }
}
