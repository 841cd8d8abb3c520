import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import { isDuplicate, type Page, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { DataSourcesService } from '../../data-sources/index.js';
import type { CreateGlossaryTermDto, GlossaryListQuery, UpdateGlossaryTermDto } from './glossary.dto.js';
import { GlossaryTerm } from '../entities/glossary-term.entity.js';

const TOLD = ['dataSourceId', 'term', 'definition', 'formula', 'examples'] as const;

/**
 * The words of the business. Those of a source belong to it: who may see it may see, make and change them. Those of the
 * installation are for everybody to read, and for administrators to change, because they change everybody's answers.
 */
@Injectable()
export class GlossaryService {
  constructor(
    @InjectRepository(GlossaryTerm) private readonly terms: Repository<GlossaryTerm>,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
  ) {}

  async list(wanted: GlossaryListQuery, caller: Principal): Promise<Page<GlossaryTerm>> {
    const { data_source_id: dataSourceId } = wanted;
    const found = this.visible(caller);
    if (dataSourceId !== undefined) found.andWhere('term.dataSourceId = :dataSourceId', { dataSourceId });
    return paginate(found, wanted);
  }

  /** @throws DomainError `not_found`, also when its source is somebody else's */
  async get(id: number, caller: Principal): Promise<GlossaryTerm> {
    const term = await this.visible(caller).andWhere('term.id = :id', { id }).getOne();
    if (term === null) throw notFound('term');
    return term;
  }

  /** @throws DomainError `not_found` for the source, `forbidden` for the whole installation, `conflict` when the source has the term */
  async create(request: CreateGlossaryTermDto, caller: Principal): Promise<GlossaryTerm> {
    const { term, definition, formula = null, examples = [], data_source_id: dataSourceId = null } = request;
    if (dataSourceId !== null) await this.sources.get(dataSourceId, caller);
    refuseForAll(dataSourceId, caller);
    const values = { dataSourceId, term: term.trim(), definition, formula, examples, createdBy: caller.userId };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const made = await manager.save(GlossaryTerm, { ...values }).catch(asTaken);
      record({ action: 'glossary_term.created', objectId: made.id, after: pick(values, TOLD) });
      return made;
    });
  }

  /** @throws DomainError `not_found`, `forbidden` for the whole installation, `conflict` when the source has the term */
  async update(id: number, change: UpdateGlossaryTermDto, caller: Principal): Promise<GlossaryTerm> {
    const before = await this.get(id, caller);
    refuseForAll(before.dataSourceId, caller);
    const { term = before.term, definition = before.definition, formula = before.formula, examples } = change;
    const given = { term: term.trim(), definition, formula, examples: examples ?? before.examples };
    const changed = difference(before, { ...before, ...given }, TOLD);
    if (changed === null) return before;
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(GlossaryTerm, { id }, given).catch(asTaken);
      if (affected === 1) record({ action: 'glossary_term.updated', objectId: id, ...changed });
    });
    return this.get(id, caller);
  }

  /** @throws DomainError `not_found`, `forbidden` for the whole installation */
  async remove(id: number, caller: Principal): Promise<void> {
    const term = await this.get(id, caller);
    refuseForAll(term.dataSourceId, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(GlossaryTerm, { id });
      if (affected === 1) record({ action: 'glossary_term.deleted', objectId: id, before: pick(term, TOLD) });
    });
  }

  private visible(caller: Principal): SelectQueryBuilder<GlossaryTerm> {
    const sources = this.sources.visibleIds(caller);
    return this.terms
      .createQueryBuilder('term')
      .where(`(term.dataSourceId IS NULL OR term.dataSourceId IN (${sources.getQuery()}))`)
      .setParameters(sources.getParameters());
  }
}

function refuseForAll(dataSourceId: number | null, { permissions, dataSourceIds }: Principal): void {
  if (dataSourceId !== null || (permissions.has('glossary:manage') && dataSourceIds === null)) return;
  throw new DomainError(
    'forbidden',
    'Terms of the whole installation are for administrators to change. Name a data source of yours.',
  );
}

function asTaken(error: unknown): never {
  if (!isDuplicate(error)) throw error;
  throw new DomainError('conflict', 'There is a term of this name already. Change that one.');
}
