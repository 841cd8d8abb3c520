import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QueryHistory } from './entities/query-history.entity.js';
import { QueryMetric } from './entities/query-metric.entity.js';
import { QueryResult } from './entities/query-result.entity.js';
import { Query } from './entities/query.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Query, QueryResult, QueryMetric, QueryHistory])],
})
export class QueriesModule {}
