/** `examples/mailbox.mjs`, as somebody who tries Lumiere out has it in a terminal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './patience.js';

export interface MailboxProgram {
  /** For `SMTP_URL`. */
  url: string;
  /** All that it has printed. */
  printed: () => string;
  close: () => Promise<void>;
}

export async function openMailboxProgram(): Promise<MailboxProgram> {
  const path = join(import.meta.dirname, '../../examples/mailbox.mjs');
  const child = spawn(process.execPath, [path, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const address = await eventually(
    async () => /smtp:\/\/\S+/.exec(printed)?.[0] ?? '',
    (found) => found !== '',
  );
  return {
    url: address,
    printed: () => printed,
    close: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
