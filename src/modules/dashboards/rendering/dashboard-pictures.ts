/** Dashboards as pictures. */
import { cardBox, type PageCard, renderPagePng, renderPageSvg, renderSvg } from '../../../engine/charts/index.js';
import { cellInWords, emptiness, footerOf, isNumber, subtitleOf } from './in-words.js';
import type { RenderedCard, RenderedDashboard } from './rendered.js';

/** The chart of a card as an SVG of the size that it has there; null when the card shows no chart. */
export async function cardSvg({ shown, place }: RenderedCard): Promise<string | null> {
  const spec = shown?.chart.spec ?? null;
  return spec === null ? null : renderSvg(spec, cardBox(place).body);
}

/** The whole dashboard as a standalone SVG document. */
export async function dashboardSvg(rendered: RenderedDashboard): Promise<string> {
  return renderPageSvg(await pageOf(rendered));
}

/** The whole dashboard as a PNG. @throws EngineError `chart_not_possible` when it is too long for one picture */
export async function dashboardPng(rendered: RenderedDashboard): Promise<Buffer> {
  return renderPagePng(await pageOf(rendered));
}

async function pageOf(rendered: RenderedDashboard): Promise<Parameters<typeof renderPageSvg>[0]> {
  const cards: PageCard[] = [];
  for (const card of rendered.cards) cards.push(await pageCard(card, rendered.asOf));
  return { title: rendered.name, subtitle: subtitleOf(rendered), cards };
}

async function pageCard(card: RenderedCard, asOf: Date | null): Promise<PageCard> {
  const { name: title, place, shown, problem } = card;
  const told = { title, place, footer: footerOf(card, asOf) };
  if (shown === null) {
    return { ...told, body: { kind: 'message', text: problem?.detail ?? 'Nothing to show.', isBad: true } };
  }
  const nothing = emptiness(shown);
  if (nothing !== null) return { ...told, body: { kind: 'message', text: nothing, isBad: false } };
  const svg = await cardSvg(card);
  if (svg !== null) return { ...told, body: { kind: 'chart', svg } };
  const columns = shown.columns.map((column) => ({ title: column.name, isNumber: isNumber(column) }));
  const rows = shown.rows.map((row) => shown.columns.map((column, index) => cellInWords(row[index] ?? null, column)));
  return { ...told, body: { kind: 'table', columns, rows } };
}
