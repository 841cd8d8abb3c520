import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import { AnswerDto } from '../../queries/index.js';
import type { OrchestratorRun } from '../entities/orchestrator-run.entity.js';
import { RUN_STATUSES, type RunStatus } from '../run-status.js';
import type { ToldRun } from '../told-runs.js';
import { AgentRunDto } from './agent-run.dto.js';

export class InputSpecDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id!: number;

  /** @example 'How many orders per month?' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(10_000)
  question!: string;

  /** Whether documents are looked up too. */
  @MayBeAbsent()
  @IsBoolean()
  with_documents?: boolean;
}

export class NewOrchestratorRunDto {
  /** @example 'Monthly orders' */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  name?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  @IsObject()
  @ValidateNested()
  @Type(() => InputSpecDto)
  @ApiProperty({ type: InputSpecDto })
  input_spec!: InputSpecDto;
}

/** The answer to what a run asks back: the value of an option, or words of your own. */
export class AnswerRunDto extends AnswerDto {}

export class OrchestratorRunListQuery extends PageQuery {
  /** Only those in this state. */
  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;
}

/** A question that several agents have worked on, without what each of them came to. */
export class OrchestratorRunSummaryDto {
  /** @example 3 */
  id!: number;
  name!: string | null;
  description!: string | null;
  data_source_id!: number;
  input_spec!: InputSpecDto;
  status!: RunStatus;
  /** Why it failed. */
  error!: string | null;
  created_at!: Date;
  started_at!: Date | null;
  finished_at!: Date | null;

  static from(run: OrchestratorRun): OrchestratorRunSummaryDto {
    return {
      id: run.id,
      name: run.name,
      description: run.description,
      data_source_id: run.dataSourceId,
      input_spec: run.inputSpec as unknown as InputSpecDto,
      status: run.status,
      error: run.errorText,
      created_at: run.createdAt,
      started_at: run.startedAt,
      finished_at: run.finishedAt,
    };
  }
}

/** What a run asks back; answer it at `/orchestrator-runs/{id}/answer`. */
export class RunClarificationDto {
  /** @example 'What do you mean by “price”?' */
  question!: string;
  options!: { value: string; label: string }[];
}

export class OrchestratorRunDto extends OrchestratorRunSummaryDto {
  /** The text about the answer; null before, and when what you may see of the data has changed since. */
  result_summary!: string | null;
  /** The query that answers the question. */
  query_id!: number | null;
  @ApiProperty({ type: RunClarificationDto, nullable: true })
  clarification!: RunClarificationDto | null;
  /** In the order in which they were begun. */
  @ApiProperty({ type: AgentRunDto, isArray: true })
  steps!: AgentRunDto[];
  /** Of a language model, in all steps. */
  tokens!: number;
  cost!: number;

  static of(run: OrchestratorRun, told: readonly ToldRun[]): OrchestratorRunDto {
    const text = told.findLast(({ run: { agent } }) => agent.type === 'text');
    const answer = told.findLast(({ run: { agent } }) => agent.type === 'sql')?.run;
    const sum = (of: (one: ToldRun) => number): number => told.reduce((all, one) => all + of(one), 0);
    const asked = run.status === 'needs_answer' ? answer?.output?.['clarification'] : undefined;
    return {
      ...OrchestratorRunSummaryDto.from(run),
      result_summary: text?.outdated === false ? run.resultSummary : null,
      query_id: answer?.queryId ?? null,
      clarification: (asked as RunClarificationDto | undefined) ?? null,
      steps: told.map((step) => AgentRunDto.from(step)),
      tokens: sum(({ run: { tokenUsage } }) => tokenUsage),
      cost: sum(({ run: { cost } }) => cost),
    };
  }
}

export class OrchestratorRunPageDto {
  items!: OrchestratorRunSummaryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<OrchestratorRun>): OrchestratorRunPageDto {
    return {
      items: items.map((run) => OrchestratorRunSummaryDto.from(run)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
