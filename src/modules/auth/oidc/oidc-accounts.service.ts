import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Change, recognise, UnitOfWork } from '../../../platform/audit/index.js';
import type { OidcSettings } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { ExternalAccountsService, lockAdministrators, type User } from '../../users/index.js';
import { revoked } from '../api-keys.service.js';
import { UserIdentity } from '../entities/user-identity.entity.js';
import { PasswordsService } from '../passwords.service.js';
import type { ProvidedIdentity } from './claims.js';
import type { ProvenAccount } from './sign-in-codes.service.js';

/** The account of a person whom the provider has proven, and the roles that the provider says they have. */
@Injectable()
export class OidcAccountsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: ExternalAccountsService,
    private readonly passwords: PasswordsService,
  ) {}

  /**
   * Finds the account, or makes it, and applies the roles: also when that leaves the person none, and they are refused.
   *
   * @throws DomainError `sign_in_refused` for a closed account, for who has no role, and for who has no address;
   * `email_taken` when another account has the address
   */
  async admit(person: ProvidedIdentity, settings: OidcSettings): Promise<ProvenAccount> {
    const granted = settings.roleMap
      .filter(({ claimValue }) => person.roleValues.includes(claimValue))
      .map(({ role }) => role);
    const admitted = granted.length > 0 || settings.defaultRole !== undefined;
    const account = await this.unitOfWork.run(async (change) => {
      await lockAdministrators(change.manager);
      const user =
        (await this.known(person, change)) ?? (admitted ? await this.firstTime(person, settings, change) : null);
      if (user === null) return null;
      recognise({ kind: 'session', userId: user.id, apiKeyId: null });
      await this.accounts.applyRoles(
        user.id,
        { managed: settings.roleMap.map(({ role }) => role), granted, otherwise: settings.defaultRole },
        change,
      );
      return user;
    });
    if (account === null || !admitted) {
      throw refused('Your account at the provider has no role here. Ask your administrator to give it one.');
    }
    return { userId: account.id, tokenVersion: account.tokenVersion, issuer: person.issuer };
  }

  private async known({ issuer, subject }: ProvidedIdentity, { manager }: Change): Promise<User | null> {
    const identity = await manager.findOne(UserIdentity, { where: { issuer, subject }, relations: { user: true } });
    if (identity === null) return null;
    refuseClosed(identity.user);
    await manager.update(UserIdentity, { id: identity.id }, { lastLoginAt: new Date() });
    return identity.user;
  }

  /** The new account of the person, or the one that has their address, which is theirs from now on. */
  private async firstTime(person: ProvidedIdentity, settings: OidcSettings, change: Change): Promise<User> {
    const { issuer, subject, email } = person;
    if (email === null) throw refused('The provider does not tell your email address. Ask your administrator.');
    const holder = await this.accounts.findByEmail(email, change.manager);
    const user =
      holder === null
        ? await this.accounts.create(
            { username: person.username ?? email.split('@')[0] ?? '', email, fullName: person.fullName },
            change,
          )
        : await this.takeOver(holder, person, settings, change);
    await change.manager.insert(UserIdentity, { userId: user.id, issuer, subject, lastLoginAt: new Date() });
    change.record({ action: 'user.identity_linked', objectId: user.id, details: { issuer, subject } });
    return user;
  }

  /**
   * Hands an account to who owns its address. A registration does not prove an address: whoever made the account may be
   * somebody else, so all their ways into it end.
   */
  private async takeOver(
    holder: User,
    { issuer, emailVerified }: ProvidedIdentity,
    { linkByEmail }: OidcSettings,
    { manager, record }: Change,
  ): Promise<User> {
    const isAnothers = await manager.existsBy(UserIdentity, { userId: holder.id, issuer });
    if (!linkByEmail || !emailVerified || isAnothers) {
      throw new DomainError(
        'email_taken',
        'Another account here has your email address. Sign in to it with its password, or ask your administrator.',
      );
    }
    refuseClosed(holder);
    // Who is proven from here on; what follows is done in their name.
    recognise({ kind: 'session', userId: holder.id, apiKeyId: null });
    if (holder.passwordHash !== null) record({ action: 'user.password_removed', objectId: holder.id });
    holder.tokenVersion = await this.passwords.replace(holder.id, null, manager);
    record({ action: 'user.signed_out_everywhere', objectId: holder.id });
    for (const id of await revokeAllOf(holder.id, manager)) record(revoked(id));
    return holder;
  }
}

/** Ends all API keys of a person; gives the ids of those that had not ended. */
async function revokeAllOf(userId: number, manager: EntityManager): Promise<number[]> {
  const [keys]: [{ id: number }[], number] = await manager.query(
    'UPDATE api_keys SET is_active = false, revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL RETURNING id',
    [userId],
  );
  return keys.map(({ id }) => id);
}

function refuseClosed({ isActive }: User): void {
  if (!isActive) throw refused('Your account here is closed. Ask your administrator.');
}

function refused(detail: string): DomainError {
  return new DomainError('sign_in_refused', detail);
}
