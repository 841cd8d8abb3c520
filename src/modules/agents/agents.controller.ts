import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { RequirePermission } from '../../platform/security/index.js';
import { AgentsService } from './agents.service.js';
import { AgentDto, AgentListQuery, AgentPageDto, ChangeAgentDto, NewAgentDto } from './dto/agent.dto.js';

@ApiTags('Agents')
@Controller('agents')
export class AgentsController {
  constructor(private readonly agents: AgentsService) {}

  /** The agents of the installation, newest first. */
  @Get()
  @RequirePermission('agents:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: AgentListQuery): Promise<AgentPageDto> {
    return AgentPageDto.from(await this.agents.list(wanted));
  }

  /** Make an agent: a type, configured in another way than the one that came with the installation. */
  @Post()
  @RequirePermission('agents:manage')
  @ApiProblems('conflict', 'validation_failed')
  async create(@Body() agent: NewAgentDto): Promise<AgentDto> {
    return AgentDto.from(await this.agents.create(agent));
  }

  /** One agent. */
  @Get(':id')
  @ApiId()
  @RequirePermission('agents:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number): Promise<AgentDto> {
    return AgentDto.from(await this.agents.get(id));
  }

  /** Configure an agent, rename it, or switch it off. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('agents:manage')
  @ApiProblems('not_found', 'conflict', 'validation_failed')
  async change(@IdParam() id: number, @Body() change: ChangeAgentDto): Promise<AgentDto> {
    return AgentDto.from(await this.agents.change(id, change));
  }

  /** Remove an agent that has never run and that did not come with the installation. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('agents:manage')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'conflict')
  async remove(@IdParam() id: number): Promise<void> {
    await this.agents.remove(id);
  }
}
