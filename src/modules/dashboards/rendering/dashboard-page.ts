/** A dashboard as a web page that stands alone: one answer holds all of it, it loads nothing, and nothing in it runs. */
import { createHash } from 'node:crypto';
import { cardBox, PAGE_WIDTH } from '../../../engine/charts/index.js';
import { inWords } from '../dashboard-filters.js';
import { rangeFields } from '../range-fields.js';
import { emptiness, footerOf, isNumber, isNumberType, momentInWords, rowsInWords } from './in-words.js';
import type { OfferedFilter, RenderedCard, RenderedDashboard, ShownChart } from './rendered.js';

export interface DashboardPage {
  html: string;
  /** The content security policy that it comes with. */
  policy: string;
}

export interface PageNotes {
  /** Whose access rules the rows are shown under. */
  rules: string;
  /** When what is shown was published; null for the dashboard as it stands. */
  publishedAt: Date | null;
}

const STYLE = `
:root { color-scheme: light; --text: #1f2937; --quiet: #5b6675; --back: #f4f6f8; --card: #fff; --line: #dfe4ea; --accent: #0072b2; --bad: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0; padding: 28px 24px 40px; background: var(--back); color: var(--text);
  font: 15px/1.5 "Segoe UI", "Helvetica Neue", system-ui, -apple-system, Roboto, Arial, sans-serif; }
.page { max-width: ${PAGE_WIDTH}px; margin: 0 auto; }
header { margin-bottom: 20px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p { margin: 4px 0 0; max-width: 76ch; overflow-wrap: anywhere; }
.quiet, footer { color: var(--quiet); font-size: 13px; }
form { display: flex; flex-wrap: wrap; gap: 12px; align-items: end; margin-top: 14px; }
label { display: grid; gap: 3px; font-size: 12px; color: var(--quiet); }
fieldset { display: flex; align-items: center; gap: 6px; margin: 0; padding: 0; border: 0; font-size: 12px; color: var(--quiet); }
legend { padding: 0; margin-bottom: 3px; }
select, input, button { font: inherit; font-size: 14px; padding: 6px 10px; border: 1px solid #c3c9d1; border-radius: 6px; background: #fff; color: var(--text); max-width: 22rem; }
button { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #56b4e9; outline-offset: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0 0; padding: 0; list-style: none; }
.chips li { padding: 3px 10px; border-radius: 99px; background: #e3edf5; font-size: 13px; overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); grid-auto-rows: 72px; gap: 16px; }
.card { display: flex; flex-direction: column; min-width: 0; min-height: 0; padding: 14px 16px 10px; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
.card h2 { flex: none; margin: 0 0 6px; font-size: 14.5px; line-height: 1.35; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.body { flex: 1; min-height: 0; overflow: auto; }
.body img { display: block; width: 100%; height: 100%; object-fit: contain; }
.card .note { flex: none; margin: 6px 0 0; color: var(--quiet); font-size: 11.5px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.message { display: grid; place-items: center; height: 100%; margin: 0; padding: 8px; text-align: center; color: var(--quiet); }
.bad { color: var(--bad); }
.empty { grid-column: 1 / -1; }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--card); color: var(--quiet); font-weight: 600; text-align: left; box-shadow: inset 0 -1px var(--line); }
th, td { padding: 4px 8px; max-width: 24rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
tbody tr:nth-child(odd) { background: #f7f9fb; }
.number { text-align: right; }
footer { margin-top: 20px; }
@media (max-width: 800px) { body { padding: 16px 12px 28px; } main { display: block; } .card { margin-bottom: 12px; } .body { max-height: 70vh; } .body img { height: auto; } }
@media print { body { padding: 0; background: #fff; } form { display: none; } }
`;

/**
 * @param drawn the chart of a card as an SVG; null when the card shows none
 * @param action where the filters are sent to, when they can be changed on the page; the page itself when it is empty
 */
export async function dashboardPage(
  rendered: RenderedDashboard,
  notes: PageNotes,
  drawn: (card: RenderedCard) => Promise<string | null>,
  action: string | null = null,
): Promise<DashboardPage> {
  const cards: string[] = [];
  for (const [index, card] of rendered.cards.entries()) {
    cards.push(cardHtml(card, index, rendered.asOf, bodyHtml(card, await drawn(card))));
  }
  const style = STYLE + rendered.cards.map((card, index) => placeStyle(card, index)).join('\n');
  const { name, description, asOf, renderedAt, filters } = rendered;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Lumiere">
<meta name="lumiere:access-rules" content="${escaped(notes.rules)}">
<meta name="lumiere:rendered-at" content="${renderedAt.toISOString()}">
${asOf === null ? '' : `<meta name="lumiere:data-as-of" content="${asOf.toISOString()}">\n`}<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<div class="page">
<header>
<h1>${escaped(name)}</h1>
${description === null ? '' : `<p>${escaped(description)}</p>\n`}${asOf === null ? '' : `<p class="quiet">Data as of ${momentInWords(asOf)}</p>\n`}${filtersHtml(filters, action)}
</header>
<main>
${cards.length === 0 ? '<p class="message empty">There are no charts on this dashboard yet.</p>' : cards.join('\n')}
</main>
<footer>${escaped(notes.rules)} ${notes.publishedAt === null ? '' : `Published ${momentInWords(notes.publishedAt)}. `}Made with Lumiere, ${momentInWords(renderedAt)}.</footer>
</div>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src ${sourceOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    `form-action ${action === null ? "'none'" : "'self'"}`,
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

/** Places are in the style sheet, because attributes of style would not be let through. */
function placeStyle({ place }: RenderedCard, index: number): string {
  const { x, y, width, height } = place;
  return `.at${index} { grid-column: ${x + 1} / span ${width}; grid-row: ${y + 1} / span ${height}; }`;
}

function cardHtml(card: RenderedCard, index: number, asOf: Date | null, body: string): string {
  const footer = footerOf(card, asOf);
  return `<section class="card at${index}">
<h2 title="${escaped(card.name)}">${escaped(card.name)}</h2>
<div class="body">${body}</div>
${footer === '' ? '' : `<p class="note" title="${escaped(footer)}">${escaped(footer)}</p>\n`}</section>`;
}

function bodyHtml({ shown, problem, name, place }: RenderedCard, svg: string | null): string {
  if (shown === null) return `<p class="message bad">${escaped(problem?.detail ?? 'Nothing to show.')}</p>`;
  const nothing = emptiness(shown);
  if (nothing !== null) return `<p class="message">${escaped(nothing)}</p>`;
  if (svg === null) return tableHtml(shown);
  const { width, height } = cardBox(place).body;
  // As a picture nothing in it can run, whatever is in the rows.
  const data = Buffer.from(svg).toString('base64');
  return `<img src="data:image/svg+xml;base64,${data}" alt="${escaped(`${name}: ${shown.chart.type} chart`)}" width="${width}" height="${height}">`;
}

function tableHtml({ columns, rows }: ShownChart): string {
  const classOf = (index: number): string => {
    const column = columns[index];
    return column !== undefined && isNumber(column) ? ' class="number"' : '';
  };
  const head = columns.map(({ name }, index) => `<th scope="col"${classOf(index)}>${escaped(name)}</th>`).join('');
  const body = rowsInWords({ columns, rows }).map((cells) => {
    return `<tr>${cells.map((cell, index) => `<td${classOf(index)}>${escaped(cell)}</td>`).join('')}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** What can be chosen, and what was. What is not known value by value is chosen in the address. */
function filtersHtml(filters: readonly OfferedFilter[], action: string | null): string {
  const choosable = filters.filter(({ definition: { kind }, type, values, isLocked }) => {
    return action !== null && !isLocked && (kind === 'range' ? type !== null : values !== null);
  });
  const told = filters.filter((filter) => !choosable.includes(filter) && filter.setting !== null);
  const chips = told.flatMap(({ setting }) => (setting === null ? [] : [`<li>${escaped(inWords(setting))}</li>`]));
  const list = chips.length === 0 ? '' : `<ul class="chips">${chips.join('')}</ul>`;
  if (choosable.length === 0) return list;
  const fields = choosable.map((filter) => {
    const { definition, values, setting } = filter;
    const { name, label, kind } = definition;
    if (kind === 'range') return rangeHtml(filter);
    const chosen = setting?.values ?? [];
    const option = (value: string, text: string): string => {
      const isChosen = value === '' ? chosen.length === 0 : chosen.includes(value);
      return `<option value="${escaped(`${name}:${value}`)}"${isChosen ? ' selected' : ''}>${escaped(text)}</option>`;
    };
    const options = [option('', 'All'), ...(values ?? []).map((value) => option(value, value))];
    return `<label>${escaped(label)}<select name="filter">${options.join('')}</select></label>`;
  });
  // What is chosen in the address goes along.
  const kept = told
    .filter(({ isLocked }) => !isLocked)
    .flatMap(({ definition: { name }, setting }) => writtenOf(setting).map((value) => `${name}:${value}`))
    .map((value) => `<input type="hidden" name="filter" value="${escaped(value)}">`);
  return `<form method="get" action="${escaped(action ?? '')}">${fields.join('')}${kept.join('')}<button>Show</button></form>${list}`;
}

/** Two fields: a day, or a number. */
function rangeHtml({ definition: { name, label }, type, setting }: OfferedFilter): string {
  const names = rangeFields(name);
  const kind = isNumberType(type) ? 'type="number" step="any"' : 'type="date"';
  const field = (end: 'from' | 'to'): string =>
    `<input ${kind} name="${escaped(names[end])}" value="${escaped(setting?.[end] ?? '')}" aria-label="${escaped(`${label}, ${end}`)}">`;
  return `<fieldset><legend>${escaped(label)}</legend>${field('from')}<span>to</span>${field('to')}</fieldset>`;
}

function writtenOf(setting: OfferedFilter['setting']): string[] {
  if (setting === null) return [];
  return setting.values ?? [`${setting.from ?? ''}..${setting.to ?? ''}`];
}

/** Text as it can stand in HTML, in attributes as well. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
