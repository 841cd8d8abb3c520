import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/index.js';
import { AskService } from './ask.service.js';
import { BrokenQueries } from './broken-queries.js';
import { Cancellations } from './cancellations.js';
import { EvaluationCase } from './entities/evaluation-case.entity.js';
import { EvaluationRun } from './entities/evaluation-run.entity.js';
import { EvaluationSuite } from './entities/evaluation-suite.entity.js';
import { QueryFeedback } from './entities/query-feedback.entity.js';
import { QueryHistory } from './entities/query-history.entity.js';
import { QueryMetric } from './entities/query-metric.entity.js';
import { QueryResult } from './entities/query-result.entity.js';
import { Query } from './entities/query.entity.js';
import { FeedbackService } from './feedback.service.js';
import { FindingsService } from './findings.service.js';
import { FirstRows } from './first-rows.js';
import { InterruptedQueries } from './interrupted-queries.js';
import { VerifiedQuery } from './entities/verified-query.entity.js';
import { QueriesController } from './queries.controller.js';
import { QueriesService } from './queries.service.js';
import { QueryEventsController } from './query-events.controller.js';
import { QueryEvents } from './query-events.js';
import { QueryBudget } from './query-budget.js';
import { QueryExecution } from './query-execution.js';
import { QueryJournal } from './query-journal.js';
import { QueryRecordsController } from './query-records.controller.js';
import { QueryRecordsService } from './query-records.service.js';
import { QueryPolicy } from './query.policy.js';
import { QuestionPlanner } from './question-planner.js';
import { QuestionReader } from './question-reader.js';
import { ResultReuse } from './result-reuse.js';
import { ResultsController } from './results.controller.js';
import { ResultsService } from './results.service.js';
import { RunningQueries } from './running-queries.js';
import { VerifiedQueriesController } from './verified-queries.controller.js';
import { VerifiedQueriesService } from './verified-queries.service.js';
import { VerifiedQuestions } from './verified-questions.js';

@Module({
  imports: [
    DataSourcesModule,
    TypeOrmModule.forFeature([
      Query,
      QueryResult,
      QueryMetric,
      QueryHistory,
      QueryFeedback,
      VerifiedQuery,
      EvaluationSuite,
      EvaluationCase,
      EvaluationRun,
    ]),
  ],
  controllers: [
    QueriesController,
    QueryEventsController,
    QueryRecordsController,
    ResultsController,
    VerifiedQueriesController,
  ],
  providers: [
    AskService,
    Cancellations,
    QueriesService,
    ResultsService,
    QueryEvents,
    QueryExecution,
    QueryBudget,
    QueryJournal,
    QueryRecordsService,
    FeedbackService,
    VerifiedQueriesService,
    VerifiedQuestions,
    FindingsService,
    FirstRows,
    InterruptedQueries,
    QueryPolicy,
    QuestionPlanner,
    QuestionReader,
    ResultReuse,
    BrokenQueries,
    RunningQueries,
  ],
  exports: [FindingsService, QueriesService, ResultsService],
})
export class QueriesModule {}
