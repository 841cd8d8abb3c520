/** Mails as they arrive at an SMTP server on loopback. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './patience.js';

export interface ReceivedMail {
  to: string[];
  headers: string;
  text: string;
}

/** A mailbox whose address starts with this is refused by the server. */
export const REFUSED_MAILBOX = 'refused';
/** To one whose address starts with this, the server takes nothing for now. */
export const BUSY_MAILBOX = 'busy';

export class Mailbox {
  readonly mails: ReceivedMail[] = [];

  private constructor(
    private readonly child: ChildProcess,
    /** For `SMTP_URL`. */
    readonly url: string,
  ) {
    child.on('message', ({ to, source }: { to: string[]; source: string }) =>
      this.mails.push({ to, ...parse(source) }),
    );
  }

  static async open(): Promise<Mailbox> {
    const child = fork(join(import.meta.dirname, 'smtp-server.mjs'), { execArgv: ['--no-warnings'] });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new Mailbox(child, `smtp://127.0.0.1:${port}`);
  }

  /** All mails to an address, once there are so many. */
  async mailsTo(address: string, count: number): Promise<ReceivedMail[]> {
    const received = async () => this.mails.filter(({ to }) => to.includes(address));
    return eventually(received, (mails) => mails.length >= count);
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}

function parse(source: string): { headers: string; text: string } {
  const end = source.indexOf('\r\n\r\n');
  const headers = source.slice(0, end);
  const body = source.slice(end + 4);
  const text = /quoted-printable/i.test(headers)
    ? body
        .replaceAll('=\r\n', '')
        .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    : body;
  return { headers, text };
}
