import { Global, Module } from '@nestjs/common';
import { ModelLedger } from '../../../platform/llm/index.js';
import { SystemModule } from '../system.module.js';
import { BudgetsService } from './budgets.service.js';
import { ModelUsage } from './model-usage.js';
import { UsageService } from './usage.service.js';

/** Gives the platform its ledger of models. */
@Global()
@Module({
  imports: [SystemModule],
  providers: [
    {
      provide: ModelLedger,
      useFactory: (budgets: BudgetsService, usage: UsageService) => new ModelUsage(budgets, usage),
      inject: [BudgetsService, UsageService],
    },
  ],
  exports: [ModelLedger],
})
export class ModelUsageModule {}
