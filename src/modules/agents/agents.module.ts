import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/index.js';
import { QueriesModule } from '../queries/index.js';
import { RagModule } from '../rag/index.js';
import { UsersModule } from '../users/index.js';
import { AgentRunPolicy } from './agent-run.policy.js';
import { AgentRunController, AgentRunsController } from './agent-runs.controller.js';
import { AgentRunsService } from './agent-runs.service.js';
import { AgentRunsView } from './agent-runs.view.js';
import { AgentWork } from './agent-work.js';
import { AgentsController } from './agents.controller.js';
import { AgentsService } from './agents.service.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { Agent } from './entities/agent.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { OrchestratorJournal } from './orchestrator-journal.js';
import { OrchestratorRunsController } from './orchestrator-runs.controller.js';
import { OrchestratorRunsService } from './orchestrator-runs.service.js';
import { OrchestratorWork } from './orchestrator-work.js';
import { RunControlService } from './run-control.service.js';
import { RunEvents } from './run-events.js';
import { RunSubjects } from './run-subjects.js';
import { RunWatch } from './run-watch.js';
import { StepJournal } from './step-journal.js';
import { StepRunner } from './step-runner.js';
import { AgentSteps } from './steps/agent-steps.js';
import { InsightStep } from './steps/insight.step.js';
import { RetrievalStep } from './steps/retrieval.step.js';
import { SqlStep } from './steps/sql.step.js';
import { TextStep } from './steps/text.step.js';
import { ValidationStep } from './steps/validation.step.js';
import { VisualizationStep } from './steps/visualization.step.js';
import { ResultSubjects } from './text/result-subjects.js';
import { ToldRuns } from './told-runs.js';

@Module({
  imports: [
    UsersModule,
    DataSourcesModule,
    QueriesModule,
    RagModule,
    TypeOrmModule.forFeature([AgentRun, Agent, OrchestratorRun]),
  ],
  controllers: [AgentsController, AgentRunController, AgentRunsController, OrchestratorRunsController],
  providers: [
    AgentsService,
    AgentRunsService,
    AgentRunsView,
    AgentRunPolicy,
    AgentWork,
    OrchestratorJournal,
    OrchestratorRunsService,
    OrchestratorWork,
    RunControlService,
    RunEvents,
    RunSubjects,
    RunWatch,
    StepJournal,
    StepRunner,
    ToldRuns,
    AgentSteps,
    SqlStep,
    ValidationStep,
    VisualizationStep,
    InsightStep,
    RetrievalStep,
    TextStep,
    ResultSubjects,
  ],
  exports: [ResultSubjects],
})
export class AgentsModule {}
