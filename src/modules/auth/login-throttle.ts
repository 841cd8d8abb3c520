import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuthConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { callerNetwork } from './network-address.js';

/** Who somebody says they are: an account that exists, or a name that nobody has; or the link that they say they may open. */
export type ClaimedIdentity = { userId: number } | { unknownName: string } | { linkId: number };

/** The pause after the last free attempt is one second, and doubles with every further failure up to this. */
const LONGEST_PAUSE_SECONDS = 900;
/** Two to this power exceeds the longest pause; a larger exponent would only overflow. */
const LARGEST_EXPONENT = 10;
const FORGOTTEN_AFTER = `interval '1 day'`;
const CLEAN_UP_EVERY_MS = 3_600_000;

/**
 * Slows down guessing of passwords, per account and per address, in counts that all replicas share.
 *
 * An attempt is counted as failed before its password is checked, and given back when it succeeds: however many arrive at
 * the same moment, at however many processes, no more of them get through than there are free attempts.
 */
@Injectable()
export class LoginThrottle implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(LoginThrottle.name);
  private cleaning: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
  ) {}

  onModuleInit(): void {
    this.cleaning = setInterval(() => {
      this.forgetOld().catch((error: unknown) => this.logger.error(error));
    }, CLEAN_UP_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.cleaning);
  }

  /**
   * Makes one attempt to prove who somebody is.
   *
   * A success forgets the account's failures and takes them off the address too; those on other accounts stay with the
   * address, so that nobody clears it by signing in to an account of their own.
   *
   * @param address where the caller is
   * @param check whether they are who they say; when it throws, the attempt does not count
   * @throws DomainError `rate_limited` without any check while the account or the address has to wait
   */
  async attempt(identity: ClaimedIdentity, address: string, check: () => Promise<boolean>): Promise<boolean> {
    const account = accountSubject(identity);
    const place = hashOf(`address:${callerNetwork(address)}`);
    await this.dataSource.transaction(async (manager) => {
      // Always in this order, here and below: two attempts that lock the same rows the other way round would deadlock.
      await claim(manager, account, this.config.loginFreeAttempts);
      await claim(manager, place, this.config.loginFreeAttemptsPerAddress);
    });
    try {
      const succeeded = await check();
      if (succeeded) await this.dataSource.query(SUCCESS_SQL, [account, place]);
      else await this.pauseFromNow(account, place);
      return succeeded;
    } catch (error) {
      await this.dataSource.query(TAKE_BACK_SQL, [account]);
      await this.dataSource.query(TAKE_BACK_SQL, [place]);
      throw error;
    }
  }

  /** Forgets the account's failures, because its owner has proved themselves in another way. */
  async forgive(userId: number): Promise<void> {
    await this.dataSource.query('DELETE FROM login_attempts WHERE subject_hash = $1', [accountSubject({ userId })]);
  }

  /** Checking a password takes a while: a pause that began before it could be over when the answer comes. */
  private async pauseFromNow(account: string, place: string): Promise<void> {
    await this.dataSource.query(PAUSE_SQL, [account, this.config.loginFreeAttempts]);
    await this.dataSource.query(PAUSE_SQL, [place, this.config.loginFreeAttemptsPerAddress]);
  }

  private async forgetOld(): Promise<void> {
    await this.dataSource.query(FORGET_SQL);
  }
}

/** @throws DomainError `rate_limited` when the subject has to wait */
async function claim(manager: EntityManager, subject: string, freeAttempts: number): Promise<void> {
  const claimed: unknown[] = await manager.query(CLAIM_SQL, [subject, freeAttempts]);
  if (claimed.length > 0) return;
  const [wait]: { seconds: number }[] = await manager.query(WAIT_SQL, [subject]);
  const seconds = wait?.seconds ?? 1;
  throw new DomainError(
    'rate_limited',
    `Signing in has failed too often. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    { retryAfterSeconds: seconds },
  );
}

function accountSubject(identity: ClaimedIdentity): string {
  if ('linkId' in identity) return hashOf(`link:${identity.linkId}`);
  return hashOf('userId' in identity ? `account:${identity.userId}` : `name:${identity.unknownName.toLowerCase()}`);
}

function hashOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}

/** Seconds to wait after so many failures (an SQL expression), when `$2` of them are free. */
function pauseAfter(failures: string): string {
  const doubled = `power(2, least(${failures} - $2::integer, ${LARGEST_EXPONENT}))`;
  return `make_interval(secs => CASE WHEN ${failures} < $2::integer THEN 0 ELSE least(${LONGEST_PAUSE_SECONDS}, ${doubled}) END)`;
}

/**
 * Counts a failure, or gives no row while the subject has to wait. One statement, so that of several at once each sees the
 * count of the one before it; by the clock and not by the start of the transaction, which may lie before that one's end.
 */
const CLAIM_SQL = `
  INSERT INTO login_attempts AS kept (subject_hash, failures, locked_until)
  VALUES ($1, 1, clock_timestamp() + ${pauseAfter('1')})
  ON CONFLICT (subject_hash) DO UPDATE SET (failures, locked_until) = (
    SELECT counted.failures, clock_timestamp() + ${pauseAfter('counted.failures')}
    FROM (SELECT CASE WHEN kept.locked_until < clock_timestamp() - ${FORGOTTEN_AFTER} THEN 1 ELSE kept.failures + 1 END)
      AS counted (failures))
  WHERE kept.locked_until <= clock_timestamp()
  RETURNING failures`;

const PAUSE_SQL = `
  UPDATE login_attempts SET locked_until = greatest(locked_until, clock_timestamp() + ${pauseAfter('failures')})
  WHERE subject_hash = $1 AND failures >= $2::integer`;

const WAIT_SQL = `
  SELECT greatest(1, ceil(extract(epoch FROM locked_until - clock_timestamp())))::integer AS seconds
  FROM login_attempts WHERE subject_hash = $1`;

const SUCCESS_SQL = `
  WITH account AS (DELETE FROM login_attempts WHERE subject_hash = $1 RETURNING failures)
  UPDATE login_attempts AS place
  SET failures = greatest(0, place.failures - account.failures), locked_until = clock_timestamp()
  FROM account WHERE place.subject_hash = $2`;

const TAKE_BACK_SQL = `
  UPDATE login_attempts SET failures = greatest(0, failures - 1), locked_until = clock_timestamp() WHERE subject_hash = $1`;

const FORGET_SQL = `
  DELETE FROM login_attempts WHERE subject_hash IN (
    SELECT subject_hash FROM login_attempts WHERE locked_until < clock_timestamp() - ${FORGOTTEN_AFTER}
    FOR UPDATE SKIP LOCKED)`;
