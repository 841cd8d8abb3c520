import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** What a running statement is cancelled by. */
export interface CancelTarget {
  /** The address that the session itself is connected to. */
  address: string;
  port: number;
  processId: number;
  secretKey: number;
  /** How the session is encrypted, or false. */
  tls: ConnectionOptions | false;
}

const CANCEL_CODE = 80_877_102;
const SSL_CODE = 80_877_103;
const TIMEOUT_MS = 3_000;

/**
 * Asks the server, over a connection of its own, to cancel what a session is running (CancelRequest, "Message Flow,
 * Canceling Requests in Progress"). The server does not answer: whether it worked is seen at the session. Never throws,
 * because the caller then ends the session by itself.
 */
export async function requestCancel(target: CancelTarget): Promise<void> {
  const socket = connect({ host: target.address, port: target.port });
  let current: Socket = socket;
  const timer = setTimeout(() => socket.destroy(), TIMEOUT_MS);
  try {
    await new Promise<void>((resolve) => {
      const send = (through: Socket): void => {
        current = through;
        through.on('error', () => resolve()).on('close', () => resolve());
        through.end(message(CANCEL_CODE, target.processId, target.secretKey));
        through.resume();
      };
      socket.on('error', () => resolve()).on('close', () => resolve());
      socket.once('connect', () => {
        if (!target.tls) return send(socket);
        const options = target.tls;
        socket.once('data', (answer) => {
          if (answer.toString('latin1') !== 'S') return void socket.destroy();
          const secured = connectTls({ ...options, socket });
          secured.on('error', () => resolve()).once('secureConnect', () => send(secured));
        });
        socket.write(message(SSL_CODE));
      });
    });
  } finally {
    clearTimeout(timer);
    current.destroy();
    socket.destroy();
  }
}

function message(...numbers: number[]): Buffer {
  const buffer = Buffer.alloc(4 + numbers.length * 4);
  buffer.writeInt32BE(buffer.length, 0);
  numbers.forEach((number, index) => buffer.writeInt32BE(number | 0, 4 + index * 4));
  return buffer;
}
