import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QueriesModule } from '../queries/index.js';
import { Insight } from './entities/insight.entity.js';
import { PromptTemplateVersion } from './entities/prompt-template-version.entity.js';
import { PromptTemplate } from './entities/prompt-template.entity.js';
import { InsightPolicy } from './insight.policy.js';
import { InsightsController } from './insights.controller.js';
import { InsightsService } from './insights.service.js';
import { PromptTemplatesController } from './prompt-templates.controller.js';
import { PromptTemplatesService } from './prompt-templates.service.js';
import { QueryInsightsController } from './query-insights.controller.js';

@Module({
  imports: [QueriesModule, TypeOrmModule.forFeature([Insight, PromptTemplate, PromptTemplateVersion])],
  controllers: [QueryInsightsController, InsightsController, PromptTemplatesController],
  providers: [InsightPolicy, InsightsService, PromptTemplatesService],
})
export class InsightsModule {}
