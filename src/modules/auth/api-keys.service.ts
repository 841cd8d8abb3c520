import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, type FieldError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { newKey } from './api-key.js';
import { refusalOfScope } from './api-key-authentication.js';
import type { CreateApiKeyDto } from './dto/api-key.dto.js';
import { ApiKey } from './entities/api-key.entity.js';

/** People's own API keys: making, listing and revoking them. */
@Injectable()
export class ApiKeysService {
  constructor(@InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>) {}

  /**
   * Makes a key. Data sources are not looked up: those that are not the owner's grant nothing.
   *
   * @returns the key itself beside what is kept of it; it cannot be given out again
   * @throws DomainError `validation_failed` for a scope that its owner does not have, or an end in the past
   */
  async create(request: CreateApiKeyDto, caller: Principal): Promise<{ key: string; apiKey: ApiKey }> {
    const expiresAt = request.expires_at == null ? null : new Date(request.expires_at);
    const dataSourceIds = request.data_source_ids ?? null;
    refuse(scopeErrors(request.scopes, dataSourceIds, caller));
    if (expiresAt !== null && !(expiresAt.getTime() > Date.now())) {
      refuse([{ field: 'expires_at', message: 'must be in the future' }]);
    }
    const { key, prefix, hash } = newKey();
    const apiKey = await this.keys.save(
      this.keys.create({
        userId: caller.userId,
        name: request.name,
        prefix,
        keyHash: hash,
        scopes: request.scopes,
        allowedIps: request.allowed_ips ?? [],
        dataSourceIds,
        expiresAt,
      }),
    );
    return { key, apiKey: await this.keys.findOneByOrFail({ id: apiKey.id }) };
  }

  /** The caller's keys, newest first, those that were revoked included. */
  async list(caller: Principal, page: PageQuery): Promise<Page<ApiKey>> {
    const own = this.keys.createQueryBuilder('key').where('key.userId = :userId', { userId: caller.userId });
    return paginate(own, page);
  }

  /**
   * Ends a key at once; the row stays, so that people see what there was.
   *
   * @throws DomainError `not_found`, also when it is somebody else's
   */
  async revoke(id: number, caller: Principal): Promise<void> {
    const key = await this.keys.findOneBy({ id, userId: caller.userId });
    if (key === null) throw notFound('API key');
    if (key.isActive) await this.keys.update({ id }, { isActive: false, revokedAt: new Date() });
  }
}

function scopeErrors(
  scopes: CreateApiKeyDto['scopes'],
  dataSourceIds: number[] | null,
  caller: Principal,
): FieldError[] {
  return scopes.flatMap((scope, index) => {
    if (scope === '*') return [];
    const message = caller.permissions.has(scope)
      ? refusalOfScope(scope, dataSourceIds)
      : 'is not a permission that you have';
    return message === null ? [] : [{ field: `scopes[${index}]`, message }];
  });
}

function refuse(errors: FieldError[]): void {
  if (errors.length === 0) return;
  const names = errors.map(({ field }) => field).join(', ');
  throw new DomainError('validation_failed', `Correct these fields and send the request again: ${names}.`, { errors });
}
