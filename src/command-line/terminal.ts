import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { refused, wrongUsage } from './outcome.js';

/** Where results go (standard output) and where questions and notes go (standard error). */
@Injectable()
export class Terminal {
  /** @param json whether results are one JSON document */
  constructor(private readonly json: boolean) {}

  /** The result of a command, as JSON or in words. */
  print(result: unknown, words: string | string[]): void {
    const text = this.json ? JSON.stringify(result, null, 2) : [words].flat().join('\n');
    process.stdout.write(`${text}\n`);
  }

  /** What is going on, for people; scripts do not read it. */
  note(words: string): void {
    if (!this.json) process.stderr.write(`${words}\n`);
  }

  /**
   * Asks for a new password twice, without showing it, or takes the first line of standard input.
   *
   * @throws CommandFailure when there is nobody to ask, or the two differ
   */
  async readNewPassword(fromInput: boolean): Promise<string> {
    if (fromInput) return (await readAll(process.stdin)).split(/\r?\n/, 1)[0] ?? '';
    if (!process.stdin.isTTY) {
      throw wrongUsage('There is no terminal to ask for a password. Use --password-stdin or --generate.');
    }
    const first = await askHidden('Password: ');
    if (first !== (await askHidden('The same again: '))) throw refused('The two passwords differ. Try again.');
    return first;
  }
}

async function askHidden(question: string): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true });
  lines.once('SIGINT', () => lines.close());
  try {
    process.stderr.write(question);
    const given = new AbortController();
    lines.once('close', () => given.abort());
    return await lines.question('', { signal: given.signal });
  } catch (cause) {
    throw refused('No password was given.', { cause });
  } finally {
    process.stderr.write('\n');
    lines.close();
  }
}

/** Rows under each other, columns as wide as they need to be. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
