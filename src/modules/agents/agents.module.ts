import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AgentRun } from './entities/agent-run.entity.js';
import { Agent } from './entities/agent.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([AgentRun, Agent, OrchestratorRun])] })
export class AgentsModule {}
