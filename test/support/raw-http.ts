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
