/** What the driver has beyond its documented types: the connection underneath, and what a command of one's own must be. */
import type { Duplex } from 'node:stream';
import type { Connection } from 'mysql2';

/** A packet, which the driver uses again when the call that it was given to is over. */
export interface WirePacket {
  buffer: Buffer;
  /** Of what it holds; the header is before it. */
  offset: number;
  end: number;
  isError(): boolean;
  asError(encoding: string): Error;
}

/** A command that speaks the protocol itself. The driver runs one at a time. */
export interface WireCommand {
  /** Called without a packet to begin, then with each packet. Gives true when it is done. */
  execute(packet: WirePacket | undefined, connection: WireConnection): boolean;
  /** Called when the connection is lost. */
  onResult(error: Error | null): void;
}

/** What the connection hands what it receives to. */
export interface WireParser {
  execute(chunk: Buffer): void;
}

export interface WireConnection {
  /** Replaced by the encrypted one. */
  stream: Duplex;
  packetParser: WireParser;
  /** Whether the server was asked to say more of columns than the protocol has a place for. */
  readonly _mariadbExtendedMetadata: boolean;
  readonly authorized: boolean;
  /** Of the next packet. */
  sequenceId: number;
  write(bytes: Buffer): void;
  addCommand(command: WireCommand): void;
  startTLS(done: (error?: Error) => void): void;
  _handleNetworkError(error: Error): void;
}

/** The connection that the statements of the driver go through. */
export function wireOf(connection: Connection): WireConnection {
  return connection as unknown as WireConnection;
}

const HEADER = 4;
const MAX_COMMAND_BYTES = 0xff_ff_ff - 1;

/**
 * Sends a command ("Command Phase").
 *
 * @throws Error when it does not fit into one packet
 */
export function sendCommand(connection: WireConnection, code: number, body: Buffer): void {
  const length = body.length + 1;
  if (length > MAX_COMMAND_BYTES) throw new Error('The statement is too long.');
  const packet = Buffer.allocUnsafe(HEADER + length);
  packet.writeUIntLE(length, 0, 3);
  packet[3] = 0;
  packet[HEADER] = code;
  body.copy(packet, HEADER + 1);
  connection.sequenceId = 1;
  connection.write(packet);
}
