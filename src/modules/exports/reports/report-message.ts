import type { MailAttachment } from '../../../platform/mail/index.js';

/** What a mail tells of a report. */
export interface ReportNews {
  name: string;
  scheduledFor: Date;
  timezone: string;
  format: string;
  sizeBytes: number;
  notes: readonly string[];
  /** Where the file is; null when it is attached. */
  link: string | null;
  expiresAt: Date | null;
  attachment: MailAttachment | null;
}

/** The mail of a report, as plain text and as HTML with the same words; what comes from people is escaped. */
export function reportMessage(news: ReportNews): { subject: string; text: string; html: string } {
  const { name, scheduledFor, timezone, notes, link, expiresAt, attachment } = news;
  const at = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: timezone });
  const when = `${at.format(scheduledFor)} (${timezone})`;
  const what =
    attachment === null ? `The file (${news.format.toUpperCase()}, ${megabytes(news.sizeBytes)}) is here:` : '';
  const until = link === null || expiresAt === null ? '' : `It is kept until ${expiresAt.toISOString().slice(0, 10)}.`;
  const told = attachment === null ? '' : `The file is attached: ${attachment.fileName}`;
  const why = 'You get this because somebody has put you on the list of this report. It holds what you may see.';
  const plain = [name, when, told, what, link ?? '', until, ...notes, why].filter((line) => line !== '');
  const html = [
    `<h1 style="font-size:18px">${escaped(name)}</h1>`,
    `<p>${escaped(when)}</p>`,
    ...(told === '' ? [] : [`<p>${escaped(told)}</p>`]),
    ...(link === null ? [] : [`<p>${escaped(what)} <a href="${escaped(link)}">${escaped(link)}</a></p>`]),
    ...[until, ...notes].filter((line) => line !== '').map((line) => `<p>${escaped(line)}</p>`),
    `<p style="color:#52606d;font-size:12px">${escaped(why)}</p>`,
  ];
  return {
    subject: name.replace(/[\r\n]+/g, ' ').slice(0, 200),
    text: `${plain.join('\n\n')}\n`,
    html: `<!doctype html><html><body style="font-family:sans-serif;color:#1f2933">${html.join('\n')}</body></html>`,
  };
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
