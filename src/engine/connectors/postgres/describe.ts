import type { WireConnection, WireField, WireStatement } from './wire.js';

/**
 * Asks for the columns of a statement without running it. The server parses the text as exactly one statement, so that
 * it may afterwards stand in parentheses without being able to leave them.
 */
export class Describe implements WireStatement {
  private fields: WireField[] = [];
  private settle: { resolve: (fields: WireField[]) => void; reject: (error: Error) => void } | undefined;
  /** The columns; none for a statement that gives no rows. */
  readonly described: Promise<WireField[]>;

  constructor(private readonly text: string) {
    this.described = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  submit(connection: WireConnection): void {
    connection.parse({ name: '', text: this.text });
    connection.describe({ type: 'S', name: '' });
    connection.sync();
  }

  handleRowDescription({ fields }: { fields: WireField[] }): void {
    this.fields = fields;
  }

  handleCommandComplete(): void {
    // Nothing is run.
  }

  handleError(error: Error): void {
    this.settle?.reject(error);
  }

  handleReadyForQuery(): void {
    this.settle?.resolve(this.fields);
  }
}
