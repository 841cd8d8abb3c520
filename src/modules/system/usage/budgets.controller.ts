import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import { BudgetDto, BudgetPageDto, BudgetStatesDto, CreateBudgetDto, UpdateBudgetDto } from '../dto/budget.dto.js';
import { BudgetChanges } from './budget-changes.service.js';
import { BudgetsService } from './budgets.service.js';

@ApiTags('Usage')
@Controller('budgets')
export class BudgetsController {
  constructor(
    private readonly changes: BudgetChanges,
    private readonly budgets: BudgetsService,
  ) {}

  /** Limit what may be used in a period: by one user, by each user of a role, or by everybody together. */
  @Post()
  @RequirePermission('budgets:manage')
  @ApiProblems('validation_failed', 'conflict')
  async create(@Body() request: CreateBudgetDto): Promise<BudgetDto> {
    return BudgetDto.from(await this.changes.create(request));
  }

  /** All budgets, newest first. */
  @Get()
  @RequirePermission('budgets:manage')
  @ApiProblems('validation_failed')
  async list(@Query() page: PageQuery): Promise<BudgetPageDto> {
    return BudgetPageDto.from(await this.changes.list(page));
  }

  /** The budgets that hold for you, and how much of them is used. */
  @Get('mine')
  @RequirePermission('usage:read')
  async mine(@CurrentUser() caller: Principal): Promise<BudgetStatesDto> {
    return BudgetStatesDto.from(await this.budgets.statesFor(caller.userId));
  }

  @Get(':id')
  @ApiId()
  @RequirePermission('budgets:manage')
  @ApiProblems('not_found')
  async get(@IdParam() id: number): Promise<BudgetDto> {
    return BudgetDto.from(await this.changes.get(id));
  }

  /** Change how much it is, what happens beyond it, or whether it holds. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('budgets:manage')
  @ApiProblems('not_found', 'validation_failed')
  async update(@IdParam() id: number, @Body() change: UpdateBudgetDto): Promise<BudgetDto> {
    return BudgetDto.from(await this.changes.update(id, change));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('budgets:manage')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number): Promise<void> {
    await this.changes.remove(id);
  }
}
