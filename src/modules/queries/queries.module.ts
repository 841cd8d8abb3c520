import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/index.js';
import { SystemModule, WatchedQueries } from '../system/index.js';
import { AlertedQueries } from './alerted-queries.js';
import { AskService } from './ask.service.js';
import { GlossaryController } from './glossary/glossary.controller.js';
import { GlossaryService } from './glossary/glossary.service.js';
import { GlossaryTerm } from './entities/glossary-term.entity.js';
import { BrokenQueries } from './broken-queries.js';
import { Cancellations } from './cancellations.js';
import { CaseTrials } from './evaluations/case-trials.js';
import { CasesController } from './evaluations/cases.controller.js';
import { CasesService } from './evaluations/cases.service.js';
import { EvaluationResult } from './entities/evaluation-result.entity.js';
import { EvaluationWork } from './evaluations/evaluation-work.js';
import { RunsController } from './evaluations/runs.controller.js';
import { RunsService } from './evaluations/runs.service.js';
import { SuitesController } from './evaluations/suites.controller.js';
import { SuitesService } from './evaluations/suites.service.js';
import { StatementRuns } from './statement-runs.js';
import { UsersModule } from '../users/index.js';
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
import { TaughtAnswers } from './knowledge/taught-answers.js';
import { DryRun } from './model/dry-run.js';
import { ModelProposals } from './model/model-proposals.js';
import { ModelStep } from './model/model-step.js';
import { InterruptedQueries } from './interrupted-queries.js';
import { VerifiedQuery } from './entities/verified-query.entity.js';
import { QueriesController } from './queries.controller.js';
import { QueriesService } from './queries.service.js';
import { QueryEventsController } from './query-events.controller.js';
import { QueryEvents } from './query-events.js';
import { ExampleQuestions } from './example-questions.js';
import { QueryAnswers } from './query-answers.js';
import { QueryEnds } from './query-ends.js';
import { QueryBudget } from './query-budget.js';
import { QueryExecution } from './query-execution.js';
import { QueryJournal } from './query-journal.js';
import { QueryRecordsController } from './query-records.controller.js';
import { QueryRecordsService } from './query-records.service.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { QueryItems } from './query-items.js';
import { LiveResults } from './live-results.js';
import { StatementTurns } from './statement-turns.js';
import { QueryPolicy } from './query.policy.js';
import { QuestionPlanner } from './question-planner.js';
import { QuestionReader } from './question-reader.js';
import { ResultReuse } from './result-reuse.js';
import { Drawings } from './drawing/drawings.js';
import { ResultFiles } from './result-files.js';
import { ResultStreams } from './result-streams.js';
import { ResultsController } from './results.controller.js';
import { ResultsService } from './results.service.js';
import { RunningQueries } from './running-queries.js';
import { RunningQueryMetrics } from './running-query-metrics.js';
import { VerifiedQueriesController } from './verified-queries.controller.js';
import { VerifiedQueriesService } from './verified-queries.service.js';

@Module({
  imports: [
    DataSourcesModule,
    UsersModule,
    WorkspacesModule,
    SystemModule,
    TypeOrmModule.forFeature([
      Query,
      QueryResult,
      QueryMetric,
      QueryHistory,
      QueryFeedback,
      VerifiedQuery,
      GlossaryTerm,
      EvaluationSuite,
      EvaluationCase,
      EvaluationRun,
      EvaluationResult,
    ]),
  ],
  controllers: [
    QueriesController,
    GlossaryController,
    QueryEventsController,
    QueryRecordsController,
    ResultsController,
    VerifiedQueriesController,
    SuitesController,
    CasesController,
    RunsController,
  ],
  providers: [
    AskService,
    { provide: WatchedQueries, useClass: AlertedQueries },
    Cancellations,
    QueriesService,
    ResultsService,
    QueryEvents,
    QueryEnds,
    QueryAnswers,
    ExampleQuestions,
    QueryExecution,
    QueryBudget,
    QueryJournal,
    QueryRecordsService,
    FeedbackService,
    GlossaryService,
    VerifiedQueriesService,
    TaughtAnswers,
    FindingsService,
    FirstRows,
    InterruptedQueries,
    QueryItems,
    QueryPolicy,
    QuestionPlanner,
    QuestionReader,
    DryRun,
    ModelProposals,
    ModelStep,
    ResultReuse,
    ResultFiles,
    ResultStreams,
    BrokenQueries,
    RunningQueries,
    RunningQueryMetrics,
    StatementRuns,
    StatementTurns,
    LiveResults,
    Drawings,
    CaseTrials,
    CasesService,
    EvaluationWork,
    RunsService,
    SuitesService,
  ],
  exports: [
    AskService,
    Drawings,
    ExampleQuestions,
    FindingsService,
    LiveResults,
    QueriesService,
    QueryAnswers,
    QueryEnds,
    ResultFiles,
    ResultsService,
    ResultStreams,
  ],
})
export class QueriesModule {}
