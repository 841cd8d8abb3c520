import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Insight } from './entities/insight.entity.js';
import { PromptTemplate } from './entities/prompt-template.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([Insight, PromptTemplate])] })
export class InsightsModule {}
