import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { MayBeAbsent } from '../../../platform/http/index.js';
import { AGENT_TYPES, type AgentType } from '../agent-types.js';
import type { Agent } from '../entities/agent.entity.js';

export class AgentListQuery extends PageQuery {
  /** Only agents of this type. */
  @IsOptional()
  @IsIn(AGENT_TYPES)
  type?: AgentType;
}

export class NewAgentDto {
  /** @example 'Bar charts' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(100)
  name!: string;

  @IsIn(AGENT_TYPES)
  type!: AgentType;

  /** @example 'Draws bars, whatever suits' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** What the type takes; what is left out is as it usually is. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: {} })
  @MayBeAbsent()
  @IsObject()
  config?: Record<string, unknown>;
}

/** What to change: what is left out stays as it is. */
export class ChangeAgentDto {
  /** @example 'Bar charts' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(100)
  name?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** Put in the place of the configuration there is. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: {} })
  @MayBeAbsent()
  @IsObject()
  config?: Record<string, unknown>;

  /** False switches it off: it takes no more tasks, and orchestrator runs leave its step out. */
  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;

  /** The version that you have seen: when somebody has made another since, nothing is changed. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  based_on?: number;
}

/** A worker with one skill. */
export class AgentDto {
  /** @example 1 */
  id!: number;
  /** @example 'SQL' */
  name!: string;
  type!: AgentType;
  description!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true })
  config!: Record<string, unknown>;
  is_active!: boolean;
  /** It came with the installation, and is the one that orchestrator runs take. */
  is_built_in!: boolean;
  /** @example 1 */
  version!: number;
  created_at!: Date;
  updated_at!: Date;

  static from(agent: Agent): AgentDto {
    return {
      id: agent.id,
      name: agent.name,
      type: agent.type,
      description: agent.description,
      config: agent.config,
      is_active: agent.isActive,
      is_built_in: agent.isBuiltIn,
      version: agent.version,
      created_at: agent.createdAt,
      updated_at: agent.updatedAt,
    };
  }
}

export class AgentPageDto {
  items!: AgentDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Agent>): AgentPageDto {
    return {
      items: items.map((agent) => AgentDto.from(agent)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
