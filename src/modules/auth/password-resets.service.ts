import { createHash, randomBytes } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import PQueue from 'p-queue';
import { DataSource, type EntityManager, IsNull, LessThan, MoreThan } from 'typeorm';
import { inSameName, recognise, UnitOfWork } from '../../platform/audit/index.js';
import { HttpConfig } from '../../platform/config/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { type Mail, Mailer } from '../../platform/mail/index.js';
import { PasswordHasher } from '../../platform/security/index.js';
import { User } from '../users/index.js';
import { PasswordReset } from './entities/password-reset.entity.js';
import { LoginThrottle } from './login-throttle.js';
import { refuseGuessable } from './password-policy.js';
import { PasswordsService } from './passwords.service.js';

const TOKEN_BYTES = 32;
const LIFE_MINUTES = 30;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAILS_PER_HOUR = 5;
/** Requests that may wait for their mail before new ones are turned away. */
const LONGEST_QUEUE = 1000;
const STOP_PATIENCE_MS = 3000;

/** The way back into an account for who reads its mail: a link that works once, for half an hour. */
@Injectable()
export class PasswordResetsService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PasswordResetsService.name);
  /**
   * Links are made and mailed after the answer, so that its time says nothing about the account. They wait in memory and
   * end with the process; once there is a job queue in the database, this is a job of it.
   */
  private readonly pending = new PQueue({ concurrency: 2 });

  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly http: HttpConfig,
    private readonly mailer: Mailer,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordsService,
    private readonly throttle: LoginThrottle,
  ) {}

  /** Whether anybody can get a link by mail. */
  get canMail(): boolean {
    return this.mailer.canSend && this.http.publicUrl !== undefined;
  }

  /**
   * Sees to it that the account with this email, if there is one, gets a link. Returns before anything is looked up.
   *
   * @throws DomainError `overloaded` when too many wait already
   */
  request(email: string): void {
    if (this.pending.size >= LONGEST_QUEUE) {
      throw new DomainError('overloaded', 'Too many people ask for a new password right now. Try again in a minute.', {
        retryAfterSeconds: 60,
      });
    }
    this.pending
      .add(inSameName(() => this.sendLink(email)))
      .catch((cause: unknown) => this.logger.error(new Error('A password reset could not be mailed', { cause })));
  }

  /**
   * Sets a new password with the token of a link. A password that is refused leaves the link good.
   *
   * @throws DomainError `invalid_reset_token` when it is unknown, used, replaced by a newer one or too old;
   * `validation_failed` when the password is easy to guess
   */
  async redeem(token: string, password: string): Promise<void> {
    const resetTokenHash = hashOf(token);
    const reset = await this.dataSource.manager.findOneBy(PasswordReset, stillGood(resetTokenHash));
    if (reset === null) throw invalidToken();
    const { userId, issuedByAdministrator } = reset;
    const user = await this.dataSource.manager.findOneBy(User, { id: userId, isActive: true });
    if (user === null || !(issuedByAdministrator || this.passwords.maySet(user))) throw invalidToken();
    await refuseGuessable(password, user, 'new_password');
    const passwordHash = await this.hasher.hash(password);
    await this.unitOfWork.run(async ({ manager, record }) => {
      await lockAccount({ id: userId }, manager);
      const used = await manager.update(PasswordReset, stillGood(resetTokenHash), { usedAt: new Date() });
      if (used.affected !== 1) throw invalidToken();
      await this.passwords.replace(userId, passwordHash, manager);
      recognise({ kind: 'session', userId, apiKeyId: null });
      record({ action: 'user.password_reset', objectId: userId });
    });
    await this.throttle.forgive(userId);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const patience = new Promise((resolve) => {
      setTimeout(resolve, STOP_PATIENCE_MS).unref();
    });
    await Promise.race([this.pending.onIdle(), patience]);
  }

  private async sendLink(email: string): Promise<void> {
    const { publicUrl } = this.http;
    if (!this.mailer.canSend || publicUrl === undefined) {
      this.logger.warn(
        'Somebody asked for a new password, and no mail can be sent: set SMTP_URL, MAIL_FROM and LUMIERE_PUBLIC_URL.',
      );
      return;
    }
    const issued = await this.unitOfWork.run(async ({ manager, record }) => {
      const made = await issueToken(email, manager, (user) => this.passwords.maySet(user));
      if (made !== null) record({ action: 'user.password_reset_requested', objectId: made.userId });
      return made;
    });
    if (issued === null) return;
    await this.mailer.send(mailOf(issued, linkOf(publicUrl, issued.token)));
  }

  /**
   * A link for somebody, made for an administrator. It takes the place of earlier ones, hourly limits do not count, and it works
   * for an account without a password, too: a way in when the provider is away.
   *
   * @param byMail sends it to the account's address, in the place of giving it out
   * @returns what to hand over: the link, or its token where no address to link to is configured; null when it was mailed
   * @throws DomainError `not_found`, `conflict` when the account is closed or no mail can be sent
   */
  async issueFor(
    userId: number,
    byMail: boolean,
  ): Promise<{ token: string; link: string | null; expiresAt: Date } | null> {
    const { publicUrl } = this.http;
    if (byMail && (!this.mailer.canSend || publicUrl === undefined)) {
      throw new DomainError('conflict', 'No mail can be sent: set SMTP_URL, MAIL_FROM and LUMIERE_PUBLIC_URL.');
    }
    const { token, expiresAt, user } = await this.unitOfWork.run(async ({ manager, record }) => {
      await lockAccount({ id: userId }, manager);
      const user = await manager.findOneBy(User, { id: userId });
      if (user === null) throw notFound('user');
      if (!user.isActive) throw new DomainError('conflict', 'This account is closed. Open it first.');
      record({ action: 'user.password_reset_requested', objectId: userId });
      return { ...(await replaceToken(userId, manager, { issuedByAdministrator: true })), user };
    });
    const link = publicUrl === undefined ? null : linkOf(publicUrl, token);
    if (!byMail || link === null) return { token, link, expiresAt };
    await this.mailer.send(mailOf(user, link));
    return null;
  }
}

function linkOf(publicUrl: string, token: string): string {
  return `${publicUrl}/reset-password#token=${token}`;
}

function mailOf({ username, email }: { username: string; email: string }, link: string): Mail {
  return { to: email, subject: 'Your new password for Lumiere', text: textOf(username, link) };
}

/** The token of a new link for the active account with this email, or null: no such account, too many mails, or none may be set. */
async function issueToken(
  email: string,
  manager: EntityManager,
  maySet: (user: User) => boolean,
): Promise<{ userId: number; username: string; email: string; token: string } | null> {
  const known = await manager
    .createQueryBuilder(User, 'user')
    .where('lower(user.email) = lower(:email) AND user.is_active', { email })
    .getOne();
  if (known === null || !maySet(known)) return null;
  // One at a time for an account, or requests at the same moment would each count the mails before any is sent.
  await lockAccount({ id: known.id }, manager);
  const now = Date.now();
  const ofAccount = { userId: known.id };
  await manager.delete(PasswordReset, { ...ofAccount, createdAt: LessThan(new Date(now - 24 * HOUR_MS)) });
  const recent = await manager.countBy(PasswordReset, {
    ...ofAccount,
    createdAt: MoreThan(new Date(now - HOUR_MS)),
  });
  if (recent >= MAILS_PER_HOUR) return null;
  const { token } = await replaceToken(known.id, manager, { issuedByAdministrator: false });
  return { userId: known.id, username: known.username, email: known.email, token };
}

/** A new token for an account that is locked; those before it end. */
async function replaceToken(
  userId: number,
  manager: EntityManager,
  by: Pick<PasswordReset, 'issuedByAdministrator'>,
): Promise<{ token: string; expiresAt: Date }> {
  await manager.update(PasswordReset, { userId, usedAt: IsNull() }, { usedAt: new Date() });
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(Date.now() + LIFE_MINUTES * MINUTE_MS);
  await manager.insert(PasswordReset, { userId, resetTokenHash: hashOf(token), expiresAt, ...by });
  return { token, expiresAt };
}

/** Whatever changes an account's links locks the account first, so that no two of them wait for each other. */
async function lockAccount(account: { id: number }, manager: EntityManager): Promise<void> {
  await manager.findOne(User, { where: account, select: { id: true }, lock: { mode: 'pessimistic_write' } });
}

function stillGood(resetTokenHash: string) {
  return { resetTokenHash, usedAt: IsNull(), expiresAt: MoreThan(new Date()) };
}

function invalidToken(): DomainError {
  return new DomainError(
    'invalid_reset_token',
    'This link does not work any more: it was used, replaced by a newer one, or is too old. Ask for another one.',
  );
}

function textOf(username: string, link: string): string {
  return [
    `Hello ${username},`,
    `somebody, probably you, asked for a new password for your Lumiere account. Choose one here within ${LIFE_MINUTES} minutes:`,
    link,
    'The link works once. If you did not ask for it, do nothing: your password stays as it is.',
    '',
  ].join('\n\n');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
