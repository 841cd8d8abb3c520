import { createHash, randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError, type ErrorCode, type FieldError } from '../../platform/errors/domain-error.js';
import { CredentialCipher, UnreadableCredentialError } from '../../platform/security/index.js';

/** A request that can be told from its repetition. */
export interface RepeatableRequest {
  userId: number;
  apiKeyId: number | null;
  key: string;
  /** With its query. */
  url: string;
  /** As it was parsed; undefined for an upload, whose files are not looked at before they are wanted. */
  body: unknown;
}

/** The right to be the one that does the work. */
export interface Attempt {
  id: number;
  attempt: string;
}

/** What was answered first. */
export type KeptAnswer =
  | { status: number; location: string | null; body: unknown }
  | { refusal: { code: ErrorCode; detail: string; errors: FieldError[]; members: Readonly<Record<string, unknown>> } };

export type Claim = { kind: 'first'; attempt: Attempt } | { kind: 'repetition'; id: number; answer: KeptAnswer };

interface Row {
  id: number;
  request_hash: string;
  answer: string | null;
}

const KEPT_FOR = '24 hours';
/** An attempt that does not say for so long that it is at work has died with its process. */
const LEASE = '60 seconds';
const RENEWED_EVERY_MS = 20_000;
const SWEPT_EVERY_MS = 3_600_000;
const RETRY_SECONDS = 2;
/** A row may go between the two looks at it, when the attempt before is given up. */
const MOST_LOOKS = 5;

/** Answers by the key of their request: one attempt at a time, and its answer for everybody who asks the same again. */
@Injectable()
export class IdempotencyKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(IdempotencyKeys.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly cipher: CredentialCipher,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), SWEPT_EVERY_MS).unref();
    void this.sweep();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * @throws DomainError `idempotency_key_reused`, `idempotency_in_progress`, `conflict` when the answer cannot be read any more
   */
  async claim({ userId, apiKeyId, key, url, body }: RepeatableRequest): Promise<Claim> {
    const scope = hashOf([url.split('?')[0], apiKeyId]);
    const requestHash = hashOf([url, body ?? null]);
    const attempt = randomUUID();
    for (let look = 1; look <= MOST_LOOKS; look += 1) {
      const [mine]: { id: number }[] = await this.dataSource.query(CLAIM, [userId, scope, key, requestHash, attempt]);
      if (mine !== undefined) return { kind: 'first', attempt: { id: mine.id, attempt } };
      const [row]: Row[] = await this.dataSource.query(LOOK, [userId, scope, key]);
      if (row === undefined) continue;
      if (row.request_hash !== requestHash) throw reused();
      if (row.answer === null) break;
      return { kind: 'repetition', id: row.id, answer: await this.read(row.id, row.answer) };
    }
    throw inProgress();
  }

  /**
   * Says again and again that the attempt is at work.
   *
   * @returns ends that
   */
  hold({ id, attempt }: Attempt): () => void {
    const renew = (): void => {
      this.dataSource.query(RENEW, [id, attempt]).catch((error: unknown) => this.logger.error(error));
    };
    const timer = setInterval(renew, RENEWED_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  /** Keeps the answer of an attempt, encrypted, for its repetitions. */
  async keep({ id, attempt }: Attempt, answer: KeptAnswer): Promise<void> {
    const text = await this.cipher.encrypt(JSON.stringify(answer), placeOf(id));
    await this.dataSource.query(KEEP, [id, attempt, text]);
  }

  /** The attempt has come to nothing: the same request may be tried again. */
  async release({ id, attempt }: Attempt): Promise<void> {
    await this.dataSource.query('DELETE FROM idempotency_keys WHERE id = $1 AND attempt = $2', [id, attempt]);
  }

  private async read(id: number, text: string): Promise<KeptAnswer> {
    try {
      return JSON.parse(await this.cipher.decrypt(text, placeOf(id))) as KeptAnswer;
    } catch (cause) {
      if (!(cause instanceof UnreadableCredentialError)) throw cause;
      const detail =
        'This request was answered, but its answer cannot be read any more. Look what it did before you send it with another Idempotency-Key.';
      throw new DomainError('conflict', detail, { cause });
    }
  }

  private async sweep(): Promise<void> {
    try {
      await this.dataSource.query('DELETE FROM idempotency_keys WHERE expires_at <= now()');
    } catch (error) {
      this.logger.error(error);
    }
  }
}

function placeOf(id: number): { table: string; column: string; id: number } {
  return { table: 'idempotency_keys', column: 'answer_encrypted', id };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function reused(): DomainError {
  return new DomainError(
    'idempotency_key_reused',
    'This Idempotency-Key was sent with another request before. Take a new one for every request that is meant.',
  );
}

function inProgress(): DomainError {
  return new DomainError(
    'idempotency_in_progress',
    'The first request with this Idempotency-Key is still at work. Send the same again in a moment to get its answer.',
    { retryAfterSeconds: RETRY_SECONDS },
  );
}

// What has expired, or was left by a process that died, is as good as not there.
const CLAIM = `
  INSERT INTO idempotency_keys AS kept (user_id, scope, key, request_hash, attempt, busy_until, expires_at)
  VALUES ($1, $2, $3, $4, $5, now() + interval '${LEASE}', now() + interval '${KEPT_FOR}')
  ON CONFLICT (user_id, scope, key) DO UPDATE
  SET request_hash = excluded.request_hash, attempt = excluded.attempt, busy_until = excluded.busy_until,
      answer_encrypted = NULL, created_at = now(), expires_at = excluded.expires_at
  WHERE kept.expires_at <= now() OR kept.busy_until <= now() AND kept.request_hash = excluded.request_hash
  RETURNING id`;

const LOOK = `
  SELECT id, request_hash, answer_encrypted AS answer FROM idempotency_keys
  WHERE user_id = $1 AND scope = $2 AND key = $3`;

const RENEW = `
  UPDATE idempotency_keys SET busy_until = now() + interval '${LEASE}' WHERE id = $1 AND attempt = $2`;

const KEEP = `
  UPDATE idempotency_keys SET answer_encrypted = $3, busy_until = NULL WHERE id = $1 AND attempt = $2`;
