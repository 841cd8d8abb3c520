import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { resolveAllowed } from '../../../engine/connectors/remote/address-policy.js';
import { EngineError } from '../../../engine/errors.js';
import { WebhookConfig } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';

/** Why nothing could be delivered, in words that may be told. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  /** @param isFinal another attempt would end the same */
  constructor(
    message: string,
    readonly isFinal: boolean,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

const LONGEST_ANSWER_BYTES = 64 * 1024;
const LONGEST_HEAD_BYTES = 16 * 1024;

/**
 * Posts to addresses that people gave. The name is resolved once and checked, and the connection is made to the address that
 * was checked; redirects are not followed, and of the answer nothing but its status is looked at.
 */
@Injectable()
export class WebhookSender {
  constructor(private readonly config: WebhookConfig) {}

  /**
   * Looks at an address before anything is sent there: whether it is one of the web, without a password, and, where it names
   * no host by name, whether this installation may connect to it. What a name leads to is looked at when it is connected to.
   *
   * @throws DomainError `validation_failed`, `webhook_address_not_allowed`
   */
  async check(address: string): Promise<void> {
    if (!URL.canParse(address)) throw notAnAddress('must be an address such as https://example.com/hooks');
    const { protocol, username, password, hash, hostname } = new URL(address);
    if (protocol !== 'https:' && protocol !== 'http:') throw notAnAddress('must start with https:// or http://');
    if (username !== '' || password !== '') throw notAnAddress('must not hold a user name or a password');
    if (hash !== '') throw notAnAddress('must not have a fragment');
    const host = bare(hostname);
    if (isIP(host) === 0 && host !== 'localhost') return;
    try {
      await resolveAllowed(host, this.config);
    } catch (cause) {
      if (!(cause instanceof EngineError)) throw cause;
      throw new DomainError('webhook_address_not_allowed', NOT_ALLOWED, { cause });
    }
  }

  /**
   * @returns the HTTP status of the answer, whatever it is
   * @throws DeliveryError when there is no answer
   */
  async post(
    address: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<number> {
    const limit = AbortSignal.timeout(this.config.timeoutMs);
    const over = AbortSignal.any([limit, signal]);
    try {
      const url = new URL(address);
      let failure: unknown;
      for (const ip of await this.addressesOf(bare(url.hostname), over)) {
        try {
          return await post(url, ip, headers, body, over);
        } catch (error) {
          failure = error;
          if (over.aborted || !isNotReached(error)) break;
        }
      }
      throw failure;
    } catch (cause) {
      if (cause instanceof DeliveryError) throw cause;
      const text = limit.aborted
        ? `The receiver did not answer within ${this.config.timeoutMs / 1000} seconds.`
        : 'The receiver could not be reached, or the connection broke off.';
      throw new DeliveryError(text, false, { cause });
    }
  }

  private async addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('The name was not resolved in time.')), { once: true });
    });
    try {
      return await Promise.race([resolveAllowed(host, this.config), late]);
    } catch (cause) {
      if (cause instanceof EngineError && cause.code === 'source_address_not_allowed') {
        throw new DeliveryError(NOT_ALLOWED, true, { cause });
      }
      throw cause;
    }
  }
}

const NOT_ALLOWED =
  'This installation sends nothing to that address. Give a public one, or ask an administrator to allow the network in WEBHOOK_NETWORKS.';

function notAnAddress(message: string): DomainError {
  return new DomainError('validation_failed', 'This is no address that webhooks can have.', {
    errors: [{ field: 'url', message }],
  });
}

/** Without the brackets that a URL has around IPv6. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The next address of the same host may do better. */
function isNotReached(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL'].includes(String(code));
}

function post(
  { protocol, hostname, host, port, pathname, search }: URL,
  ip: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const isEncrypted = protocol === 'https:';
  const options: RequestOptions & { servername?: string } = {
    method: 'POST',
    host: ip,
    port: port === '' ? (isEncrypted ? 443 : 80) : Number(port),
    path: pathname + search,
    headers: { ...headers, host, 'content-length': String(Buffer.byteLength(body)) },
    maxHeaderSize: LONGEST_HEAD_BYTES,
    // One connection for one delivery: a kept one would be to an address that was checked long ago.
    agent: false,
    signal,
    // The certificate is checked against the name that was asked for.
    ...(isEncrypted && isIP(bare(hostname)) === 0 ? { servername: hostname } : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = (isEncrypted ? requestHttps : requestHttp)(options, (answer) => {
      drained(answer).then(() => resolve(answer.statusCode ?? 0), reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** What the receiver says is not looked at; one that says much is cut off, and has answered. */
async function drained(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const piece of answer) {
    bytes += (piece as Buffer).length;
    if (bytes > LONGEST_ANSWER_BYTES) break;
  }
}
