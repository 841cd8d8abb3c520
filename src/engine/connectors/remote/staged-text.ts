import { closeSync, openSync, writeSync } from 'node:fs';

/** A piece is whole when it has so many bytes: a few row groups of Parquet. */
const PIECE_BYTES = 16_000_000;
const LINE_END = '\n'.charCodeAt(0);

/** The text of a result while it comes from the source: several files, each ending where a row ends. */
export class StagedText {
  /** The pieces so far, in the order of their rows; the last one may still grow. */
  readonly files: string[] = [];
  /** Of all pieces. */
  bytes = 0;
  private descriptor: number | undefined;
  private pieceBytes = 0;
  private ended = false;

  /** @param stem of the files' names: none of them exists, and the caller removes them */
  constructor(private readonly stem: string) {
    this.begin();
  }

  /**
   * Takes text as it comes, cut anywhere; nothing once it has ended.
   *
   * @returns the file of the piece that has become whole by it, if any
   */
  write(rows: Buffer): string | undefined {
    if (this.ended) return undefined;
    this.bytes += rows.length;
    const rowEnd = this.pieceBytes + rows.length < PIECE_BYTES ? 0 : rows.lastIndexOf(LINE_END) + 1;
    if (rowEnd === 0) {
      this.append(rows);
      return undefined;
    }
    this.append(rows.subarray(0, rowEnd));
    const whole = this.files.at(-1);
    this.begin();
    this.append(rows.subarray(rowEnd));
    return whole;
  }

  /**
   * Nothing more comes.
   *
   * @returns the files of all pieces
   */
  end(): readonly string[] {
    this.ended = true;
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    return this.files;
  }

  private begin(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    const file = `${this.stem}.${this.files.length}.rows`;
    this.descriptor = openSync(file, 'wx', 0o600);
    this.files.push(file);
    this.pieceBytes = 0;
  }

  private append(rows: Buffer): void {
    const { descriptor } = this;
    if (descriptor === undefined) return;
    this.pieceBytes += rows.length;
    // Not the asynchronous write: it would wait for a thread of the pool that other statements may be holding.
    for (let at = 0; at < rows.length;) at += writeSync(descriptor, rows, at);
  }
}
