import type { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { MailConfig } from '../config/index.js';

/** A file that goes with a mail. */
export interface MailAttachment {
  fileName: string;
  contentType: string;
  content: Readable;
}

/** A mail to one person. */
export interface Mail {
  /** The address alone, without a name. */
  to: string;
  subject: string;
  text: string;
  /** The same for who reads mails as pages. */
  html?: string;
  attachments?: readonly MailAttachment[];
  /** The same for every try to send this mail, in letters, digits and `-`: its identity is made of it. */
  messageKey?: string;
}

/** A mail server that does not answer must not hold up the mails behind it for long. */
const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 30_000;

/** Sends mail over the configured SMTP server; without one, it can send none. */
@Injectable()
export class Mailer implements OnApplicationShutdown {
  private readonly transport: ReturnType<typeof createTransport> | undefined;

  constructor(private readonly config: MailConfig) {
    if (config.smtpUrl === undefined) return;
    this.transport = createTransport({
      url: config.smtpUrl,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: ANSWER_TIMEOUT_MS,
      // Mails are made of text only: nothing in them may make the server read a file or call an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** Whether there is a server to send mails over. */
  get canSend(): boolean {
    return this.transport !== undefined;
  }

  /**
   * Gives the mail to the SMTP server.
   *
   * @throws Error when there is no server, it does not answer, or it refuses the mail
   */
  async send({ to, subject, text, html, attachments = [], messageKey }: Mail): Promise<void> {
    if (this.transport === undefined) throw new Error('No mail can be sent: set SMTP_URL and MAIL_FROM.');
    const { from } = this.config;
    const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'lumiere';
    await this.transport.sendMail({
      from,
      to: { name: '', address: to },
      subject,
      text,
      ...(html === undefined ? {} : { html }),
      ...(messageKey === undefined ? {} : { messageId: `<${messageKey}@${domain}>` }),
      attachments: attachments.map(({ fileName: filename, contentType, content }) => ({
        filename,
        contentType,
        content,
      })),
    });
  }

  /** @throws Error when the server does not answer, or does not let us in */
  async verify(): Promise<void> {
    await this.transport?.verify();
  }

  onApplicationShutdown(): void {
    this.transport?.close();
  }
}
