/** What the driver has beyond its documented types: the connection underneath, and what a statement of one's own must be. */
import type { Duplex } from 'node:stream';
import type { Client, Submittable } from 'pg';

/** The messages of the protocol, as the driver's connection writes them. */
export interface WireConnection {
  /** Replaced by the encrypted one when `sslconnect` is told. */
  readonly stream: Duplex;
  once(event: 'sslconnect', listener: () => void): void;
  parse(message: { name: string; text: string }): void;
  bind(message: { portal: string; statement: string; values: [] }): void;
  execute(message: { portal: string; rows: number }): void;
  describe(message: { type: 'S' | 'P'; name: string }): void;
  sync(): void;
}

export interface WireField {
  name: string;
  dataTypeID: number;
  dataTypeModifier: number;
}

/**
 * A statement that speaks the protocol itself. The driver calls these one at a time, and after an error none any more.
 */
export interface WireStatement {
  submit(connection: WireConnection): void;
  handleRowDescription(message: { fields: WireField[] }): void;
  handleCommandComplete(): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

/** Gives the statement to the driver, which runs it when those before it are done. */
export function submit(client: Client, statement: WireStatement): void {
  client.query(statement as unknown as Submittable);
}

/** The ids with which a running statement is cancelled. */
export function backendKey(client: Client): { processId: number; secretKey: number } {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  return { processId: processID, secretKey };
}

/** The connection that the statements of a client go through. */
export function wireOf(client: Client): WireConnection {
  return client.connection as unknown as WireConnection;
}

/** True for what the server itself says: it goes on and reports ready; after any other error the connection is gone. */
export function isServerMessage(error: Error): boolean {
  return 'severity' in error && error.severity !== undefined;
}
