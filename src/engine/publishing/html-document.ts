import type { PublishedPart, Publication } from './publication.js';
import { footnotes, isFigure, rowsAsText } from './publication.js';

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
figure { margin: 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #e4e7eb; text-align: left; vertical-align: top; max-width: 30rem; overflow-wrap: anywhere; }
th { border-bottom: 2px solid #9aa5b1; white-space: nowrap; } .figure { text-align: right; font-variant-numeric: tabular-nums; }
.note { color: #52606d; font-size: .85rem; margin: .4rem 0 0; }
@media print { body { margin: 0; max-width: none; } tr, figure { break-inside: avoid; } thead { display: table-header-group; } }`;

/** A page that needs nothing but itself: no script, no link, no outside resource; text is escaped. */
export function htmlDocument({ title, notes, parts }: Publication): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${notes.map((note) => `<p class="note">${escaped(note)}</p>\n`).join('')}${parts.map((part) => section(part, parts.length === 1 && part.title === title)).join('\n')}
</body>
</html>
`;
}

function section(part: PublishedPart, isTitled: boolean): string {
  const { title, picture, table } = part;
  return [
    '<section>',
    ...(isTitled ? [] : [`<h2>${escaped(title)}</h2>`]),
    // Ours, and escaped by who has drawn it.
    ...(picture === null ? [] : [`<figure>${picture.svg}</figure>`]),
    ...(table === null ? [] : [rows(table)]),
    ...footnotes(part).map((note) => `<p class="note">${escaped(note)}</p>`),
    '</section>',
  ].join('\n');
}

function rows(table: NonNullable<PublishedPart['table']>): string {
  const { columns } = table;
  const kinds = columns.map((column) => (isFigure(column) ? ' class="figure"' : ''));
  const head = columns.map(({ name }, index) => `<th scope="col"${kinds[index] ?? ''}>${escaped(name)}</th>`);
  const lines = rowsAsText(table).map(
    (row) => `<tr>${row.map((text, index) => `<td${kinds[index] ?? ''}>${escaped(text)}</td>`).join('')}</tr>`,
  );
  return `<div class="table"><table>\n<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table></div>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
