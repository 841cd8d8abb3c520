/** HTTP by hand, for what no HTTP client would send. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const BOUNDARY = 'the-boundary';

/** The first bytes of a multipart body with one file in it. */
export function openFilePart(fileName: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n`;
}

export const CLOSE_PARTS = `\r\n--${BOUNDARY}--\r\n`;

/** Opens a connection and sends the head of an upload, announcing so many bytes of body. */
export async function beginUpload(url: string, token: string | undefined, announcedBytes: number): Promise<Socket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    [
      'POST /api/v1/data-sources/upload HTTP/1.1',
      `Host: ${host}`,
      `Authorization: Bearer ${token ?? ''}`,
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
      `Content-Length: ${announcedBytes}`,
      '\r\n',
    ].join('\r\n'),
  );
  return socket;
}

/** The first answer that comes, and how long it took. */
export async function readAnswer(socket: Socket): Promise<{ status: number; body: string; ms: number }> {
  const started = performance.now();
  let text = '';
  while (!/\r\n\r\n\{.*\}$/s.test(text)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    text += bytes.toString();
  }
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body, ms: performance.now() - started };
}

/** A request that goes over the wire as it is written. */
export interface WireRequest {
  method: string;
  /** The target of the request line, which may be no path at all. */
  target: string;
  headers?: Record<string, string>;
  body?: string;
}

const ANSWER_PATIENCE_MS = 5000;

/** Sends one request on a connection of its own. The status is 0 when the connection ends without an answer. */
export async function exchange(
  url: string,
  { method, target, headers = {}, body }: WireRequest,
): Promise<{ status: number; text: string }> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(ANSWER_PATIENCE_MS, () => socket.destroy(new Error(`No answer to ${method} ${target}`)));
  const all = {
    host,
    connection: 'close',
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write([`${method} ${target} HTTP/1.1`, ...head, '', body ?? ''].join('\r\n'));
  let text = '';
  for await (const bytes of socket) text += String(bytes);
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(text.split(' ')[1] ?? 0), text: end < 0 ? '' : text.slice(end + 4) };
}
