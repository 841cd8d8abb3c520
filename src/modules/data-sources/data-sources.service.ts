import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { User } from '../users/index.js';
import type { CatalogView } from './access-rules.js';
import { CombinedMembers } from './combined-members.js';
import { DataSourcePolicy, type SourceRight } from './data-source.policy.js';
import { DataSourceDto, type UpdateDataSourceDto } from './dto/data-source.dto.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceAvailability } from './source-availability.js';
import { SourceFacts } from './source-facts.js';
import { SourceRemovals } from './source-removals.js';
import { SourceViews } from './source-views.js';
import { isTakenName, nameTaken } from './source-name.js';

/** Finding, naming and removing data sources that the caller may see. */
@Injectable()
export class DataSourcesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: DataSourcePolicy,
    private readonly views: SourceViews,
    private readonly members: CombinedMembers,
    private readonly facts: SourceFacts,
    private readonly removals: SourceRemovals,
    private readonly availability: SourceAvailability,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * @param right what the caller is to have; only its owner may do more than use it
   * @throws DomainError `not_found`, also when it is somebody else's
   */
  async get(id: number, caller: Principal, right: SourceRight = 'own'): Promise<DataSourceEntity> {
    const source = await this.find(id, caller, right);
    if (source === null) throw notFound('data source');
    return source;
  }

  async find(id: number, caller: Principal, right: SourceRight = 'own'): Promise<DataSourceEntity | null> {
    return this.visible(caller, right).andWhere('source.id = :id', { id }).getOne();
  }

  /** The ids of the sources that the caller owns, or may use, as a part of another query. */
  visibleIds(caller: Principal, right: SourceRight = 'own'): SelectQueryBuilder<DataSourceEntity> {
    return this.visible(caller, right).select('source.id');
  }

  /** Those that the caller may use. */
  async list(caller: Principal, page: PageQuery): Promise<Page<DataSourceDto>> {
    const { items, ...rest } = await paginate(this.visible(caller, 'use'), page);
    return { ...rest, items: await this.describeAll(items, caller) };
  }

  /** The source as it is told to somebody. */
  async describe(source: DataSourceEntity, caller: Principal): Promise<DataSourceDto> {
    const [described] = await this.describeAll([source], caller);
    if (described === undefined) throw notFound('data source');
    return described;
  }

  /** @throws DomainError `not_found`, `conflict` when the new name is in use */
  async update(id: number, change: UpdateDataSourceDto, caller: Principal): Promise<DataSourceEntity> {
    const source = await this.get(id, caller);
    const { name, description } = change;
    const given = {
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(description === undefined ? {} : { description }),
    };
    if (Object.keys(given).length === 0) return source;
    // By id, not by saving what was read: that would bring back a source that was removed in between.
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(DataSourceEntity, { id }, given).catch((error: unknown) => {
        throw isTakenName(error) ? nameTaken() : error;
      });
      const changed = difference(source, { ...source, ...given }, ['name', 'description']);
      if (affected === 1 && changed !== null) record({ action: 'data_source.updated', objectId: id, ...changed });
    });
    return this.get(id, caller);
  }

  /**
   * Removes the source, its files and everything that was asked of it. What still runs there is stopped first.
   *
   * @throws DomainError `not_found`, `conflict` while other sources are combined from it
   */
  async remove(id: number, caller: Principal): Promise<void> {
    const source = await this.get(id, caller);
    const tellsNames = caller.dataSourceIds === null;
    // Before anything is stopped, and once more when nobody can combine it any more.
    await this.unitOfWork.run(({ manager }) => this.members.refuseUse(manager, id, tellsNames));
    await this.removals.endAll(id);
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.members.refuseUse(manager, id, tellsNames);
      await manager.delete(DataSourceEntity, { id });
      record({ action: 'data_source.deleted', objectId: id, before: pick(source, TOLD) });
    });
    this.availability.forget(id);
    await this.storage.remove(`sources/${source.id}`);
    await this.storage.remove(`results/${source.id}`);
  }

  /** The source as the caller may see it. @throws DomainError `not_found` */
  async open(id: number, caller: Principal, right: SourceRight = 'own'): Promise<OpenedSource> {
    const source = await this.get(id, caller, right);
    return { source, ...(await this.views.of(source, caller.roleIds)) };
  }

  /**
   * The source as the caller may see it who was given something that somebody else has made of it. That person must still be
   * able to use it; the rules are those of the caller's roles, and a key of the caller's must be for it.
   *
   * @throws DomainError `not_found`
   */
  async openThrough(id: number, giverId: number, caller: Principal): Promise<OpenedSource> {
    return this.open(id, { ...caller, userId: giverId }, 'use');
  }

  /**
   * Makes everything that somebody owns somebody else's, as part of the change that calls for it. A source whose name the
   * new owner already uses gets the former owner's user name behind it.
   */
  async handOver(from: User, to: number, manager: EntityManager): Promise<void> {
    await manager.query(HAND_OVER, [from.id, to, from.username]);
  }

  private async describeAll(sources: readonly DataSourceEntity[], caller: Principal): Promise<DataSourceDto[]> {
    const facts = await this.facts.of(sources, caller);
    return facts.map((one) => DataSourceDto.from(one));
  }

  /** The sources that the caller owns, or may use, called `source`. */
  visible(caller: Principal, right: SourceRight): SelectQueryBuilder<DataSourceEntity> {
    const sources = this.dataSource.getRepository(DataSourceEntity).createQueryBuilder('source');
    return this.policy.restrict(sources, caller, right);
  }
}

export type OpenedSource = CatalogView & { source: DataSourceEntity };

/** What the audit trail tells of a source. */
export const TOLD = ['name', 'description', 'type', 'ownerId'] as const;

const HAND_OVER = `
  UPDATE data_sources source
  SET owner_id = $2, updated_at = now(),
      name = CASE
        WHEN EXISTS (SELECT FROM data_sources other WHERE other.owner_id = $2 AND lower(other.name) = lower(source.name))
        THEN left(source.name, 147) || ' (' || $3::text || ')'
        ELSE source.name
      END
  WHERE owner_id = $1`;
