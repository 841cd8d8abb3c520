import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type AuditEntry, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, type FieldError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { newKey } from './api-key.js';
import { refusalOfScope } from './api-key-authentication.js';
import type { CreateApiKeyDto } from './dto/api-key.dto.js';
import { ApiKey } from './entities/api-key.entity.js';

/** What the audit trail tells of a key. */
const TOLD = ['userId', 'name', 'prefix', 'scopes', 'allowedIps', 'dataSourceIds', 'expiresAt'] as const;

/** People's own API keys: making, listing and revoking them. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Makes a key.
   *
   * @returns the key itself beside what is kept of it; it cannot be given out again
   * @throws DomainError `validation_failed` for a scope that its owner does not have, a data source that is not
   *   theirs, or an end in the past
   */
  async create(request: CreateApiKeyDto, caller: Principal): Promise<{ key: string; apiKey: ApiKey }> {
    const expiresAt = request.expires_at == null ? null : new Date(request.expires_at);
    const dataSourceIds = request.data_source_ids ?? null;
    refuse(scopeErrors(request.scopes, dataSourceIds, caller));
    if (expiresAt !== null && !(expiresAt.getTime() > Date.now())) {
      refuse([{ field: 'expires_at', message: 'must be in the future' }]);
    }
    refuse(await this.sourceErrors(dataSourceIds ?? [], caller));
    const { key, prefix, hash } = newKey();
    return this.unitOfWork.run(async ({ manager, record }) => {
      const { id } = await manager.save(
        manager.create(ApiKey, {
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
      const apiKey = await manager.findOneByOrFail(ApiKey, { id });
      record({ action: 'api_key.created', objectId: id, after: pick(apiKey, TOLD) });
      return { key, apiKey };
    });
  }

  /** The caller's keys, newest first, those that were revoked included. */
  async list(caller: Principal, page: PageQuery): Promise<Page<ApiKey>> {
    const own = this.keys.createQueryBuilder('key').where('key.userId = :userId', { userId: caller.userId });
    return paginate(own, page);
  }

  /**
   * Ends a key at once; the row stays, so that people see what there was. A key that has ended stays as it is.
   *
   * @throws DomainError `not_found`, also when it is somebody else's
   */
  async revoke(id: number, caller: Principal): Promise<void> {
    const own = { id, userId: caller.userId };
    if (!(await this.keys.existsBy(own))) throw notFound('API key');
    await this.unitOfWork.run(async ({ manager, record }) => {
      const end = { isActive: false, revokedAt: new Date() };
      const { affected } = await manager.update(ApiKey, { ...own, isActive: true }, end);
      if (affected === 1) record(revoked(id));
    });
  }

  /** By the name of their table: data sources belong to a later module, and only whose they are is of interest here. */
  private async sourceErrors(ids: readonly number[], { userId }: Principal): Promise<FieldError[]> {
    if (ids.length === 0) return [];
    const own: { id: number }[] = await this.keys.manager.query(
      'SELECT id FROM data_sources WHERE owner_id = $2 AND id = ANY($1)',
      [ids, userId],
    );
    return ids.flatMap((wanted, index) =>
      own.some(({ id }) => id === wanted)
        ? []
        : [{ field: `data_source_ids[${index}]`, message: 'is not the id of a data source of yours' }],
    );
  }
}

/** What the audit trail says of a key that has ended. */
export function revoked(id: number): AuditEntry {
  return { action: 'api_key.revoked', objectId: id, before: { is_active: true }, after: { is_active: false } };
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
