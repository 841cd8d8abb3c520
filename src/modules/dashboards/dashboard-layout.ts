/** Where charts stand on a page of twelve columns. */
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';

export const GRID_COLUMNS = 12;
export const MOST_CARD_HEIGHT = 24;
/** Rows that a page has, at most. */
export const MOST_ROWS = 2000;

/** The place of a chart: columns and rows from 0, and how many of each it takes. */
export interface CardPlace {
  chartId: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a chart takes that was not given a place: half of the page, or a quarter where it is one number. */
const USUAL = { width: 6, height: 4 };
const OF_NUMBER = { width: 3, height: 2 };

/**
 * @param chartIds the charts of the dashboard
 * @throws DomainError `validation_failed` naming each place that is off the grid, taken, or of no chart of the dashboard
 */
export function checkLayout(places: readonly CardPlace[], chartIds: ReadonlySet<number>): void {
  const errors: FieldError[] = [];
  const placed = new Set<number>();
  for (const [index, place] of places.entries()) {
    const refuse = (message: string) => errors.push({ field: `layout.cards[${index}]`, message });
    if (!chartIds.has(place.chartId)) refuse('is of no chart of this dashboard');
    if (placed.has(place.chartId)) refuse('is of a chart that has a place already');
    placed.add(place.chartId);
    if (place.x + place.width > GRID_COLUMNS) refuse(`goes beyond the ${GRID_COLUMNS} columns of the page`);
    const other = places.slice(0, index).findIndex((earlier) => overlap(earlier, place));
    if (other >= 0) refuse(`lies over layout.cards[${other}]`);
  }
  if (errors.length === 0) return;
  throw new DomainError('validation_failed', 'Give every chart of this dashboard one place of its own on the page.', {
    errors,
  });
}

/** The places of all charts, from top to bottom: those that were given, and below them, row by row, the others. */
export function completeLayout(
  places: readonly CardPlace[],
  charts: readonly { id: number; type: string | null }[],
): CardPlace[] {
  const there = new Set(charts.map(({ id }) => id));
  const given = places.filter(({ chartId }) => there.has(chartId));
  const placed = new Set(given.map(({ chartId }) => chartId));
  let [x, y, rowHeight] = [0, Math.max(0, ...given.map((place) => place.y + place.height)), 0];
  const others = charts
    .filter(({ id }) => !placed.has(id))
    .map(({ id, type }) => {
      const { width, height } = type === 'number' ? OF_NUMBER : USUAL;
      if (x + width > GRID_COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
      const place = { chartId: id, x, y, width, height };
      x += width;
      rowHeight = Math.max(rowHeight, height);
      return place;
    });
  return [...given, ...others].sort((a, b) => a.y - b.y || a.x - b.x);
}

function overlap(a: CardPlace, b: CardPlace): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
