import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import {
  isDuplicate,
  isStillReferenced,
  type Page,
  type PageQuery,
  paginate,
} from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import type { CreateBudgetDto, UpdateBudgetDto } from '../dto/budget.dto.js';
import { Budget } from '../entities/budget.entity.js';

const TOLD = ['userId', 'roleId', 'metric', 'limitValue', 'period', 'action', 'isActive'] as const;

/** Budgets, as administrators set them. */
@Injectable()
export class BudgetChanges {
  constructor(
    @InjectRepository(Budget) private readonly budgets: Repository<Budget>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  list(page: PageQuery): Promise<Page<Budget>> {
    return paginate(this.budgets.createQueryBuilder('budget'), page);
  }

  /** @throws DomainError `not_found` */
  async get(id: number): Promise<Budget> {
    const budget = await this.budgets.findOneBy({ id });
    if (budget === null) throw notFound('budget');
    return budget;
  }

  /** @throws DomainError `conflict` when there is one for the same, `validation_failed` for a user or role that is not there */
  async create(request: CreateBudgetDto): Promise<Budget> {
    const {
      user_id: userId = null,
      role_id: roleId = null,
      metric,
      limit: limitValue,
      period,
      action = 'block',
    } = request;
    if (userId !== null && roleId !== null) throw notBoth();
    try {
      return await this.unitOfWork.run(async ({ manager, record }) => {
        const { id } = await manager.save(Budget, { userId, roleId, metric, limitValue, period, action });
        const budget = await manager.findOneByOrFail(Budget, { id });
        record({ action: 'budget.created', objectId: id, after: pick(budget, TOLD) });
        return budget;
      });
    } catch (cause) {
      if (isDuplicate(cause)) {
        throw new DomainError('conflict', 'There is a budget for the same already. Change that one.', { cause });
      }
      if (isStillReferenced(cause)) throw noSuch(userId === null ? 'role_id' : 'user_id', cause);
      throw cause;
    }
  }

  /** @throws DomainError `not_found` */
  update(id: number, change: UpdateBudgetDto): Promise<Budget> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const budget = await manager.findOne(Budget, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (budget === null) throw notFound('budget');
      const before = { ...budget };
      budget.limitValue = change.limit ?? budget.limitValue;
      budget.action = change.action ?? budget.action;
      budget.isActive = change.is_active ?? budget.isActive;
      const changed = difference(before, budget, TOLD);
      if (changed === null) return budget;
      const saved = await manager.save(budget);
      record({ action: 'budget.updated', objectId: id, ...changed });
      return saved;
    });
  }

  /** @throws DomainError `not_found` */
  async remove(id: number): Promise<void> {
    const budget = await this.get(id);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(Budget, { id });
      if (affected === 1) record({ action: 'budget.deleted', objectId: id, before: pick(budget, TOLD) });
    });
  }
}

function notBoth(): DomainError {
  return new DomainError('validation_failed', 'A budget is for a user, for a role, or for everybody.', {
    errors: [{ field: 'role_id', message: 'cannot be combined with user_id' }],
  });
}

function noSuch(field: 'user_id' | 'role_id', cause: unknown): DomainError {
  return new DomainError('validation_failed', 'There is nobody by this id. Take that of a user, or of a role.', {
    errors: [{ field, message: 'is no id that there is' }],
    cause,
  });
}
