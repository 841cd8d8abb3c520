/** Small pages that stand alone: one answer holds all of them, and nothing else is loaded. */
import { createHash } from 'node:crypto';

export interface Page {
  html: string;
  /** Lets the page run its own script, and nothing that anybody puts into it. */
  policy: string;
}

export interface PageParts {
  title: string;
  /** What stands in `main`. */
  body: string;
  script: string;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #5b6470; --back: #f5f6f8; --card: #fff; --line: #8b929c;
  --accent: #1f5fbf; --on-accent: #fff; --bad: #b3261e; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --text: #eceef1; --quiet: #a8b0bb; --back: #14171a; --card: #1e2226;
  --line: #7d8590; --accent: #8ab4f8; --on-accent: #10233f; --bad: #ffb4ab; --good: #86d9a4; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 1.75rem; border-radius: .75rem; background: var(--card);
  box-shadow: 0 1px 3px rgb(0 0 0 / .2); }
h1 { margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input, textarea, button { width: 100%; font: inherit; border-radius: .4rem; padding: .65rem .75rem; }
input, textarea { margin-bottom: 1rem; border: 1px solid var(--line); background: var(--card); color: var(--text); }
textarea { font: .85rem/1.4 ui-monospace, monospace; resize: vertical; overflow-wrap: anywhere; }
button { border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
button:disabled { opacity: .6; cursor: progress; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); font-size: .9rem; }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
[hidden] { display: none; }
`;

/** @param parts whose texts are ours: nothing of anybody's is put into a page */
export function pageOf({ title, body, script }: PageParts): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<noscript><p class="bad">This page needs JavaScript. Turn it on and open the page again.</p></noscript>
${body}
</main>
<script>${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(STYLE)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
