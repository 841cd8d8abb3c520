/**
 * A mail server for trying things out: it takes every mail, prints it, keeps what is attached in a folder of its own, and delivers nothing.
 *
 * `node examples/mailbox.mjs [PORT]` listens on loopback, on port 2525 unless told otherwise (0: any free one), until it is ended.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SMTPServer } from 'smtp-server';

const folder = mkdtempSync(join(tmpdir(), 'mailbox-'));
let count = 0;

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, _session, done) {
    const pieces = [];
    stream.on('data', (piece) => pieces.push(piece));
    stream.once('end', () => {
      show(Buffer.concat(pieces).toString('latin1'));
      done();
    });
  },
});
const listener = server.listen(Number(process.argv[2] ?? 2525), '127.0.0.1', () => {
  console.log(`Mails to smtp://127.0.0.1:${listener.address().port} are shown here.`);
});

/** @param {string} source the mail as it came, a character for each byte */
function show(source) {
  count += 1;
  const parts = leaves(source);
  const text = parts.find(({ headers }) => !/^content-type:/im.test(headers) || /text\/plain/i.test(headers));
  console.log(`\n──── mail ${count}`);
  for (const name of ['From', 'To', 'Subject']) console.log(`${name}: ${header(source, name)}`);
  console.log(`\n${text?.content.toString().trim() ?? ''}`);
  for (const { headers, content } of parts) {
    const name = /filename="?([^";\r\n]+)/i.exec(headers)?.[1];
    if (name === undefined) continue;
    const path = join(folder, `${count}-${basename(name)}`);
    writeFileSync(path, content);
    console.log(`\nAttached: ${path} (${content.length} bytes)`);
  }
}

/** @param {string} source @param {string} name */
function header(source, name) {
  const [head = ''] = source.replace(/\r\n[ \t]+/g, ' ').split('\r\n\r\n');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
}

/**
 * The parts of a mail that hold something themselves (RFC 2046), decoded.
 *
 * @param {string} source
 * @returns {{ headers: string, content: Buffer }[]}
 */
function leaves(source) {
  const end = source.indexOf('\r\n\r\n');
  const headers = source.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const body = source.slice(end + 4);
  const boundary = /boundary="?([^";\r\n]+)/i.exec(headers)?.[1];
  if (boundary !== undefined) {
    return body
      .split(`--${boundary}`)
      .slice(1, -1)
      .flatMap((part) => leaves(part.replace(/^\r\n/, '')));
  }
  const content = /transfer-encoding: base64/i.test(headers)
    ? Buffer.from(body, 'base64')
    : /transfer-encoding: quoted-printable/i.test(headers)
      ? Buffer.from(unquoted(body), 'latin1')
      : Buffer.from(body, 'latin1');
  return [{ headers, content }];
}

/** Quoted-printable (RFC 2045, 6.7). @param {string} text */
function unquoted(text) {
  return text.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}
