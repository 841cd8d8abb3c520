import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, type Page, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { type AgentType, readConfig } from './agent-types.js';
import type { AgentListQuery, ChangeAgentDto, NewAgentDto } from './dto/agent.dto.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { Agent } from './entities/agent.entity.js';

const TOLD = ['name', 'type', 'description', 'config', 'isActive', 'version'] as const;

/** The agents of the installation: who may read them reads all of them. */
@Injectable()
export class AgentsService {
  constructor(
    @InjectRepository(Agent) private readonly agents: Repository<Agent>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Newest first. */
  async list({ type, ...page }: AgentListQuery): Promise<Page<Agent>> {
    const found = this.agents.createQueryBuilder('agent');
    if (type !== undefined) found.where('agent.type = :type', { type });
    return paginate(found, page);
  }

  /** @throws DomainError `not_found` */
  async get(id: number): Promise<Agent> {
    return foundOne(await this.agents.findOneBy({ id }));
  }

  /** Those that came with the installation and are not switched off, by type. */
  async builtIn(): Promise<ReadonlyMap<AgentType, Agent>> {
    const agents = await this.agents.findBy({ isBuiltIn: true, isActive: true });
    return new Map(agents.map((agent) => [agent.type, agent]));
  }

  /** @throws DomainError `validation_failed` when the configuration does not fit the type, `conflict` when the name is taken */
  async create({ name, type, description = null, config = {} }: NewAgentDto): Promise<Agent> {
    const read = readConfig(type, config);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const agent = await saved(manager, manager.create(Agent, { name, type, description, config: read }));
      record({ action: 'agent.created', objectId: agent.id, after: pick(agent, TOLD) });
      return agent;
    });
  }

  /**
   * @throws DomainError `not_found`, `validation_failed`, `conflict` when the name is taken, or the version is not the one
   *   that was seen
   */
  async change(id: number, given: ChangeAgentDto): Promise<Agent> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const agent = await locked(manager, id);
      if (given.based_on !== undefined && given.based_on !== agent.version) throw changedSince();
      const before = { ...agent };
      agent.name = given.name ?? agent.name;
      agent.description = given.description === undefined ? agent.description : given.description;
      agent.isActive = given.is_active ?? agent.isActive;
      if (given.config !== undefined) agent.config = readConfig(agent.type, given.config);
      if (difference(before, agent, TOLD) === null) return agent;
      agent.version += 1;
      const after = await saved(manager, agent);
      record({ action: 'agent.changed', objectId: id, ...difference(before, after, TOLD) });
      return after;
    });
  }

  /** @throws DomainError `not_found`, `conflict` for one that came with the installation, or that has run */
  async remove(id: number): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const agent = await locked(manager, id);
      if (agent.isBuiltIn) {
        throw new DomainError(
          'conflict',
          'This agent came with the installation. Switch it off with is_active instead.',
        );
      }
      if (await manager.existsBy(AgentRun, { agentId: id })) {
        throw new DomainError(
          'conflict',
          'This agent has runs that people may look at. Switch it off with is_active instead.',
        );
      }
      await manager.delete(Agent, { id });
      record({ action: 'agent.deleted', objectId: id, before: pick(agent, TOLD) });
    });
  }
}

/** The agent, which nobody else changes before the transaction ends. */
async function locked(manager: EntityManager, id: number): Promise<Agent> {
  return foundOne(await manager.findOne(Agent, { where: { id }, lock: { mode: 'pessimistic_write' } }));
}

async function saved(manager: EntityManager, agent: Agent): Promise<Agent> {
  try {
    return await manager.save(agent);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new DomainError('conflict', 'There is an agent of this name already. Choose another name.');
  }
}

function foundOne(agent: Agent | null): Agent {
  if (agent === null) throw notFound('agent');
  return agent;
}

function changedSince(): DomainError {
  return new DomainError('conflict', 'Somebody has changed this agent since. Read it again, and then change it.');
}
