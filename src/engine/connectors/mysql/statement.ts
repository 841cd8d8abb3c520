import { EngineError } from '../../errors.js';
import { columnDefinition, type WireColumn } from './column-definition.js';
import { resultType, textEncoding } from './column-types.js';
import { MAX_ROW_BYTES, rowTooLarge } from './framing.js';
import { type RowProtocol, RowText, type RowTextColumn } from './row-text.js';
import { sendCommand, type WireCommand, type WireConnection, type WirePacket } from './wire.js';

export interface RowSink {
  /**
   * Takes rows; gives a promise when it can take no more for now.
   *
   * @param arrived how many rows have come, these included
   */
  write(rows: Buffer, arrived: number): Promise<void> | undefined;
}

export interface StatementRequest<Sink extends RowSink> {
  sql: string;
  /** Rows beyond this many are not wanted: the first of them ends the statement. */
  maxRows: number;
  /** Told once, before the first row, what columns there are. */
  open: (columns: WireColumn[]) => Sink;
}

export interface FetchedRows<Sink extends RowSink> {
  sink: Sink;
  /** Rows that the sink got. */
  rows: number;
  /** True when the source had more. Where more than one more arrives, the connection is cut. */
  truncated: boolean;
  /** Bytes of the longest row. */
  longestRow: number;
}

const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;
const OK = 0x00;
const LOCAL_INFILE = 0xfb;
const EOF = 0xfe;
/** A packet that says the end has no more than this. */
const MAX_EOF_BYTES = 9;

/** What the next packet has to be. */
type Expected =
  'prepared' | 'definitions of the prepared' | 'column count' | 'columns' | 'end of columns' | 'rows' | 'end of rows';

/**
 * Prepares one statement, runs it, and hands on the text of its rows ("COM_STMT_PREPARE", "COM_QUERY", "COM_STMT_EXECUTE").
 * Preparing proves that it is one statement; one that would give no rows is not run. It is run in the text protocol, which
 * leaves the printing of numbers to the server, unless that would lose digits. The driver makes an object of every row; here
 * rows are spelled for the stage at once.
 */
export class Statement<Sink extends RowSink> implements WireCommand {
  private expected: Expected = 'prepared';
  /** Packets about the columns of the prepared statement that are still to come: one each, and the end. */
  private definitions = 0;
  private protocol: RowProtocol = 'binary';
  private handle = 0;
  private columnCount = 0;
  private readonly columns: WireColumn[] = [];
  private text: RowText | undefined;
  private sink: Sink | undefined;
  private readonly fetchedRows = { rows: 0, truncated: false, longestRow: 0 };
  private settle: { resolve: (rows: FetchedRows<Sink>) => void; reject: (error: Error) => void } | undefined;
  /** Settled when all rows are with the sink. */
  readonly fetched: Promise<FetchedRows<Sink>>;

  constructor(private readonly request: StatementRequest<Sink>) {
    this.fetched = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  execute(packet: WirePacket | undefined, connection: WireConnection): boolean {
    try {
      if (packet === undefined) {
        sendCommand(connection, COM_STMT_PREPARE, Buffer.from(this.request.sql, 'utf8'));
        return false;
      }
      if (packet.isError()) return this.end(packet.asError('utf8'));
      return this.receive(packet, connection);
    } catch (error) {
      connection.stream.destroy();
      return this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  onResult(error: Error | null): void {
    this.settle?.reject(error ?? new Error('The connection was lost.'));
  }

  private end(error: Error): true {
    this.settle?.reject(error);
    return true;
  }

  private receive(packet: WirePacket, connection: WireConnection): boolean {
    if (this.expected === 'rows') return isEnd(packet) ? this.finish() : this.row(packet, connection);
    const bytes = packet.buffer.subarray(packet.offset, packet.end);
    switch (this.expected) {
      case 'prepared':
        return this.prepared(bytes, connection);
      case 'definitions of the prepared':
        this.definitions -= 1;
        if (this.definitions === 0) {
          this.run(connection);
        } else if (textEncoding(columnDefinition(bytes, connection._mariadbExtendedMetadata)) === null) {
          this.protocol = 'binary';
        }
        return false;
      case 'column count':
        return this.count(bytes);
      case 'columns':
        this.columns.push(columnDefinition(bytes, connection._mariadbExtendedMetadata));
        if (this.columns.length === this.columnCount) this.expected = 'end of columns';
        return false;
      case 'end of columns':
        if (!isEnd(packet)) throw new Error('The server sent more columns than it said.');
        this.sink = this.request.open(this.columns);
        this.text = new RowText(
          this.protocol,
          this.columns.map((column) => this.rowColumn(column)),
        );
        this.expected = 'rows';
        return false;
      case 'end of rows':
        if (isEnd(packet)) return true;
        connection.stream.destroy();
        return false;
    }
  }

  /** The statement's number, how many columns and parameters it has, and then a list of each that is not empty. */
  private prepared(bytes: Buffer, connection: WireConnection): boolean {
    if (bytes[0] !== OK || bytes.length < 12) throw new Error('The server did not prepare the statement.');
    this.handle = bytes.readUInt32LE(1);
    const [columns, parameters] = [bytes.readUInt16LE(5), bytes.readUInt16LE(7)];
    if (parameters > 0) return this.end(notRows('It must not have parameters.'));
    // Of an EXPLAIN, some servers tell the columns only when it is run.
    if (columns === 0 && !this.request.sql.startsWith('EXPLAIN ')) return this.end(notRows('Select at least one.'));
    this.definitions = columns === 0 ? 0 : columns + 1;
    if (this.definitions === 0) {
      this.run(connection);
    } else {
      this.protocol = 'text';
      this.expected = 'definitions of the prepared';
    }
    return false;
  }

  private run(connection: WireConnection): void {
    this.expected = 'column count';
    if (this.protocol === 'text') return sendCommand(connection, COM_QUERY, Buffer.from(this.request.sql, 'utf8'));
    const body = Buffer.alloc(9);
    body.writeUInt32LE(this.handle, 0);
    // No cursor, once.
    body.writeUInt32LE(1, 5);
    sendCommand(connection, COM_STMT_EXECUTE, body);
  }

  private count(bytes: Buffer): boolean {
    const first = bytes[0] ?? OK;
    if (first === OK) return this.end(notRows('Select at least one.'));
    // A server that asks for a file of this machine.
    if (first === LOCAL_INFILE) throw new Error('The server asks for a file.');
    this.columnCount = first < LOCAL_INFILE ? first : bytes.readUInt16LE(1);
    this.expected = 'columns';
    return false;
  }

  private rowColumn(column: WireColumn): RowTextColumn {
    const { encoding } = resultType(column);
    const { decimals } = column;
    // A column that loses digits in the text protocol was not announced: what the server prints is taken.
    return { encoding: this.protocol === 'text' ? (textEncoding(column) ?? 'digits') : encoding, decimals };
  }

  private row({ buffer, offset, end }: WirePacket, connection: WireConnection): boolean {
    const { text, fetchedRows } = this;
    if (text === undefined || (this.protocol === 'binary' && buffer[offset] !== OK))
      throw new Error('The server sent something that is not a row.');
    if (fetchedRows.rows >= this.request.maxRows) {
      fetchedRows.truncated = true;
      this.expected = 'end of rows';
      this.finish();
      return false;
    }
    if (!text.hasRoomFor(end - offset)) this.hand(connection);
    const length = text.add(buffer, offset, end);
    if (length > MAX_ROW_BYTES) throw rowTooLarge();
    fetchedRows.rows += 1;
    if (length > fetchedRows.longestRow) fetchedRows.longestRow = length;
    return false;
  }

  private hand(connection: WireConnection): void {
    if (this.text === undefined || this.text.length === 0) return;
    const waiting = this.sink?.write(this.text.take(), this.fetchedRows.rows);
    if (waiting === undefined) return;
    const { stream } = connection;
    stream.pause();
    waiting.then(
      () => void stream.resume(),
      (error: Error) => {
        this.settle?.reject(error);
        stream.destroy();
      },
    );
  }

  private finish(): true {
    const { text, sink, settle, fetchedRows } = this;
    if (text === undefined || sink === undefined) throw new Error('The server sent no columns.');
    const fetched = { ...fetchedRows, sink };
    const waiting = text.length > 0 ? sink.write(text.take(), fetchedRows.rows) : undefined;
    if (waiting === undefined) {
      settle?.resolve(fetched);
    } else {
      waiting.then(
        () => settle?.resolve(fetched),
        (error: Error) => settle?.reject(error),
      );
    }
    return true;
  }
}

function isEnd({ buffer, offset, end }: WirePacket): boolean {
  return buffer[offset] === EOF && end - offset < MAX_EOF_BYTES;
}

function notRows(what: string): EngineError {
  return new EngineError('query_failed', `The query gives no columns, or takes parameters. ${what}`);
}
