import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import type { FieldError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { DataSourcesService, dialectOf, SqlGuards } from '../../data-sources/index.js';
import type { CaseListQuery, CreateCaseDto, UpdateCaseDto } from './cases.dto.js';
import { EvaluationCase, type ExpectedRows } from '../entities/evaluation-case.entity.js';
import { EvaluationSuite } from '../entities/evaluation-suite.entity.js';

export const MOST_CASES = 2000;

const TOLD = ['suiteId', 'question', 'expected', 'expectedSql', 'expectedRows', 'ordered', 'category'] as const;

type Terms = Pick<EvaluationCase, 'question' | 'expected' | 'expectedSql' | 'expectedRows' | 'ordered' | 'category'>;

/** The questions of suites. Who may see the source of a suite may see and change them. */
@Injectable()
export class CasesService {
  constructor(
    @InjectRepository(EvaluationCase) private readonly cases: Repository<EvaluationCase>,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly guards: SqlGuards,
  ) {}

  /** Newest first. */
  async list(wanted: CaseListQuery, caller: Principal): Promise<Page<EvaluationCase>> {
    const { suite_id: suiteId } = wanted;
    const found = this.visible(caller);
    if (suiteId !== undefined) found.andWhere('one.suiteId = :suiteId', { suiteId });
    return paginate(found, wanted);
  }

  /** @throws DomainError `not_found`, also when its source is somebody else's */
  async get(id: number, caller: Principal): Promise<EvaluationCase> {
    const found = await this.visible(caller).andWhere('one.id = :id', { id }).getOne();
    if (found === null) throw notFound('evaluation case');
    return found;
  }

  /**
   * @throws DomainError `not_found` for the suite, `validation_failed` when what is expected does not go together or the
   *   suite is full; EngineError `sql_*` when the SQL is not a harmless read
   */
  async create(request: CreateCaseDto, caller: Principal): Promise<EvaluationCase> {
    const { suite_id: suiteId, question, expected = 'answer', ordered = false, category = null } = request;
    const { expected_sql: expectedSql = null, expected_rows: expectedRows = null } = request;
    const terms = { question: question.trim(), expected, expectedSql, expectedRows, ordered, category };
    await this.check(suiteId, terms, caller);
    if ((await this.cases.countBy({ suiteId })) >= MOST_CASES) {
      throw new DomainError('validation_failed', `A suite holds ${MOST_CASES} cases at most. Make another one.`);
    }
    const id = await this.unitOfWork.run(async ({ manager, record }) => {
      const made = await manager.save(EvaluationCase, { suiteId, ...terms });
      record({ action: 'evaluation_case.created', objectId: made.id, after: pick({ suiteId, ...terms }, TOLD) });
      return made.id;
    });
    return this.get(id, caller);
  }

  /** @throws as `create` does */
  async update(id: number, change: UpdateCaseDto, caller: Principal): Promise<EvaluationCase> {
    const before = await this.get(id, caller);
    const { question = before.question, expected = before.expected, ordered = before.ordered } = change;
    const { category = before.category, expected_sql: sql, expected_rows: rows } = change;
    // The one takes the place of the other, and neither is there without an answer.
    const isAnswer = expected === 'answer';
    const terms = {
      question: question.trim(),
      expected,
      ordered,
      category,
      expectedSql: sql ?? (sql === null || rows || !isAnswer ? null : before.expectedSql),
      expectedRows: rows ?? (rows === null || sql || !isAnswer ? null : before.expectedRows),
    };
    const changed = difference(before, { ...before, ...terms }, TOLD);
    if (changed === null) return before;
    await this.check(before.suiteId, terms, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(EvaluationCase, { id }, terms);
      if (affected === 1) record({ action: 'evaluation_case.updated', objectId: id, ...changed });
    });
    return this.get(id, caller);
  }

  /** @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const found = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(EvaluationCase, { id });
      if (affected === 1) record({ action: 'evaluation_case.deleted', objectId: id, before: pick(found, TOLD) });
    });
  }

  private async check(suiteId: number, terms: Terms, caller: Principal): Promise<void> {
    const sources = this.sources.visibleIds(caller);
    const suite = await this.cases.manager
      .createQueryBuilder(EvaluationSuite, 'suite')
      .where('suite.id = :suiteId', { suiteId })
      .andWhere(`suite.dataSourceId IN (${sources.getQuery()})`)
      .setParameters({ suiteId, ...sources.getParameters() })
      .getOne();
    if (suite === null) throw notFound('evaluation suite');
    const errors = errorsOf(terms);
    if (errors.length > 0) throw new DomainError('validation_failed', 'What is expected does not fit.', { errors });
    if (terms.expectedSql === null) return;
    const { source, tables } = await this.sources.open(suite.dataSourceId, caller);
    await this.guards.check(terms.expectedSql, dialectOf(source.type), tables);
  }

  private visible(caller: Principal): SelectQueryBuilder<EvaluationCase> {
    const sources = this.sources.visibleIds(caller);
    return this.cases
      .createQueryBuilder('one')
      .innerJoin('one.suite', 'suite')
      .where(`suite.dataSourceId IN (${sources.getQuery()})`)
      .setParameters(sources.getParameters());
  }
}

function errorsOf({ question, expected, expectedSql, expectedRows }: Terms): FieldError[] {
  if (question === '') return [{ field: 'question', message: 'must say something' }];
  if (expected !== 'answer') {
    if (expectedSql !== null) return [{ field: 'expected_sql', message: 'is only for an expected answer' }];
    return expectedRows === null ? [] : [{ field: 'expected_rows', message: 'is only for an expected answer' }];
  }
  if ((expectedSql === null) === (expectedRows === null)) {
    return [{ field: 'expected_sql', message: 'is needed, or expected_rows in its place' }];
  }
  const isTable = expectedRows === null || isOfOneWidth(expectedRows);
  return isTable ? [] : [{ field: 'expected_rows', message: 'must be rows of as many values each' }];
}

function isOfOneWidth(rows: ExpectedRows): boolean {
  const width = rows[0]?.length ?? 0;
  return rows.every(
    (row) =>
      Array.isArray(row) && row.length === width && row.every((cell) => cell === null || typeof cell !== 'object'),
  );
}
