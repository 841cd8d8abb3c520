import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import { INSTALLATION_PERMISSIONS, type Permission, SESSION_PERMISSIONS } from '../../platform/security/index.js';
import { type AccountPrincipal, AccountsService } from '../users/index.js';
import { liesWithin } from './allowed-addresses.js';
import { matches, prefixOf } from './api-key.js';
import { ApiKey } from './entities/api-key.entity.js';

/** Uses closer together than this count as one, so that a busy key does not write on every request. */
const USE_NOTED_EVERY_MS = 60_000;

/** Finds out who is behind an API key. */
@Injectable()
export class ApiKeyAuthentication {
  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    private readonly accounts: AccountsService,
  ) {}

  /**
   * The key's owner, as far as the key goes.
   *
   * @param address that the request came from
   * @throws DomainError `unauthenticated`, in the same words whatever is wrong: a thief shall not learn that a key exists
   */
  async authenticate(key: string, address: string): Promise<AccountPrincipal> {
    const known = await this.find(key);
    const owner = known !== null && isUsable(known, address) ? await this.accounts.findPrincipal(known.userId) : null;
    if (known === null || owner === null) {
      throw new DomainError(
        'unauthenticated',
        'This API key is not valid: it is unknown, revoked, expired, or not allowed from your address. Use another one.',
      );
    }
    await this.noteUse(known);
    const { id: apiKeyId, dataSourceIds } = known;
    return { ...owner, apiKeyId, dataSourceIds, permissions: permissionsOfKey(known, owner.permissions) };
  }

  private async find(key: string): Promise<ApiKey | null> {
    const prefix = prefixOf(key);
    if (prefix === null) return null;
    const candidates = await this.keys.findBy({ prefix });
    return candidates.find(({ keyHash }) => matches(key, keyHash)) ?? null;
  }

  private async noteUse({ id, lastUsedAt }: ApiKey): Promise<void> {
    if (lastUsedAt !== null && Date.now() - lastUsedAt.getTime() < USE_NOTED_EVERY_MS) return;
    await this.keys.update({ id }, { lastUsedAt: new Date() });
  }
}

function isUsable({ isActive, expiresAt, allowedIps }: ApiKey, address: string): boolean {
  const inTime = expiresAt === null || expiresAt.getTime() > Date.now();
  return isActive && inTime && (allowedIps.length === 0 || liesWithin(allowedIps, address));
}

/** What a key may do: what its scopes name, of what its owner may do now and of what keys may do at all. */
function permissionsOfKey(
  { scopes, dataSourceIds }: ApiKey,
  ofOwner: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  const isScoped = (permission: Permission): boolean => scopes.includes('*') || scopes.includes(permission);
  return new Set([...ofOwner].filter((one) => isScoped(one) && refusalOfScope(one, dataSourceIds) === null));
}

/** Why a key may not have a permission, even if its owner does; null when it may. */
export function refusalOfScope(permission: Permission, dataSourceIds: readonly number[] | null): string | null {
  if (SESSION_PERMISSIONS.has(permission)) return 'is not for API keys';
  if (dataSourceIds !== null && INSTALLATION_PERMISSIONS.has(permission)) {
    return 'is not for a key that is for certain data sources';
  }
  return null;
}
