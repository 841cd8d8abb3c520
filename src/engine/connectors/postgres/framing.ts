import type { Duplex } from 'node:stream';

/** Until the sign-in is done, nobody has a reason to send much. */
const MAX_EARLY_BYTES = 100_000;
const MAX_BYTES = 64_000_000;
const HEADER = 5;

/** What the driver's parser takes for granted in the messages of a server ("Message Formats"), by their kind. */
const WELL_FORMED: Record<string, (body: Buffer) => boolean> = {
  R: (body) => body.length >= 4 && (body.readInt32BE(0) !== 10 || endsWith(body, 0, 0)),
  K: (body) => body.length >= 8,
  S: (body) => endsWith(body, 0) && body.indexOf(0) < body.length - 1,
  Z: (body) => body.length === 1,
  E: isReport,
  N: isReport,
  T: isRowDescription,
  D: (body) => body.length >= 2,
  C: (body) => endsWith(body, 0),
  A: (body) => body.length >= 6 && endsWith(body, 0) && body.indexOf(0, 4) < body.length - 1,
  t: (body) => body.length >= 2 && body.length === 2 + 4 * body.readInt16BE(0),
  H: (body) => body.length >= 3 && body.length === 3 + 2 * body.readInt16BE(1),
  ...Object.fromEntries(['1', '2', '3', 'n', 'I', 'c', 's'].map((kind) => [kind, (body: Buffer) => body.length === 0])),
  d: () => true,
  v: () => true,
};

/**
 * Puts itself between a connection and the driver, whose parser believes what it is told: a length that is too short, or a
 * text without an end, sends it round in circles for ever. The first message that is none ends the connection.
 */
export function checkFraming(stream: Duplex): void {
  const [driver] = stream.listeners('data');
  if (typeof driver !== 'function') throw new TypeError('The driver does not listen to its connection.');
  let parts: Buffer[] = [];
  let held = 0;
  /** Bytes that are needed before there is anything more to say. */
  let needed = HEADER;
  let most = MAX_EARLY_BYTES;
  const check = (data: Buffer): void => {
    parts.push(data);
    held += data.length;
    if (held < needed) return;
    const packet = parts.length === 1 ? data : Buffer.concat(parts);
    let at = 0;
    needed = HEADER;
    while (packet.length - at >= HEADER) {
      const kind = String.fromCharCode(packet[at] ?? 0);
      const length = packet.readInt32BE(at + 1) + 1;
      const body = length - HEADER;
      const complete = packet.length - at >= length;
      if (!(kind in WELL_FORMED) || body < 0 || body > most || (complete && !isWellFormed(kind, packet, at, length))) {
        stream.destroy(new Error('The server does not speak the protocol.'));
        return;
      }
      if (!complete) {
        needed = length;
        break;
      }
      if (kind === 'Z') most = MAX_BYTES;
      at += length;
    }
    parts = at < packet.length ? [packet.subarray(at)] : [];
    held = packet.length - at;
    if (at > 0) Reflect.apply(driver, stream, [packet.subarray(0, at)]);
  };
  stream.removeListener('data', driver as (data: Buffer) => void);
  stream.on('data', check);
}

function isWellFormed(kind: string, packet: Buffer, at: number, length: number): boolean {
  return WELL_FORMED[kind]?.(packet.subarray(at + HEADER, at + length)) === true;
}

/** An error or a notice: fields of a byte and a text each, and a zero. */
function isReport(body: Buffer): boolean {
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    if (end === -1) return false;
    at = end + 1;
  }
  return at === body.length - 1;
}

/** Columns of a text and 18 bytes each. */
function isRowDescription(body: Buffer): boolean {
  if (body.length < 2) return false;
  let at = 2;
  for (let column = body.readInt16BE(0); column > 0; column -= 1) {
    const end = body.indexOf(0, at);
    if (end === -1) return false;
    at = end + 1 + 18;
  }
  return at === body.length;
}

function endsWith(body: Buffer, ...bytes: number[]): boolean {
  return body.length >= bytes.length && body.subarray(body.length - bytes.length).equals(Buffer.from(bytes));
}
