/** The kinds of agents: what each can be told once and for all, what it is given for a task, and what its asker must be allowed. */
import { z } from 'zod';
import { CHART_TYPES } from '../../engine/charts/index.js';
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';
import { LARGEST_ID } from '../../platform/http/index.js';
import type { Permission } from '../../platform/security/index.js';

export const AGENT_TYPES = ['sql', 'validation', 'visualization', 'insight', 'retrieval', 'text'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

const id = z.int().min(1).max(LARGEST_ID);
const ofQuery = z.strictObject({ query_id: id });

export const CONFIGS = {
  sql: z.strictObject({
    /** Rows to keep, and milliseconds to run, at the most; no more than the installation allows. */
    max_rows: z.int().min(1).max(100_000_000).optional(),
    timeout_ms: z.int().min(100).max(3_600_000).optional(),
  }),
  validation: z.strictObject({
    min_confidence: z.number().min(0).max(1).default(0.6),
    min_rows: z.int().min(0).max(1_000_000).default(1),
  }),
  visualization: z.strictObject({
    /** The kind of chart; left out, the one that suits the result. */
    type: z.enum(CHART_TYPES).optional(),
  }),
  insight: z.strictObject({ max_findings: z.int().min(1).max(50).default(10) }),
  retrieval: z.strictObject({ limit: z.int().min(1).max(20).default(5) }),
  text: z.strictObject({
    /** Whether a model may write the text, where one is configured. */
    use_model: z.boolean().default(true),
    max_findings: z.int().min(0).max(10).default(3),
  }),
} satisfies Record<AgentType, z.ZodType>;

export const INPUTS = {
  sql: z.strictObject({
    data_source_id: id,
    question: z.string().trim().min(1).max(10_000),
    previous_query_id: id.optional(),
  }),
  validation: ofQuery,
  visualization: ofQuery,
  insight: ofQuery,
  retrieval: z.strictObject({
    query: z
      .string()
      .max(1000)
      .regex(/[\p{L}\p{N}]/u, 'needs a letter or a digit'),
    data_source_id: id.optional(),
  }),
  text: ofQuery,
} satisfies Record<AgentType, z.ZodType>;

export type ConfigOf<T extends AgentType> = z.infer<(typeof CONFIGS)[T]>;
export type InputOf<T extends AgentType> = z.infer<(typeof INPUTS)[T]>;

/** What somebody must be allowed beside running agents: an agent does nothing that its asker could not do. */
export const NEEDED: Record<AgentType, Permission> = {
  sql: 'queries:write',
  validation: 'queries:read',
  visualization: 'queries:read',
  insight: 'queries:read',
  retrieval: 'documents:read',
  text: 'queries:read',
};

/** @throws DomainError `validation_failed` that names every field */
export function readConfig<T extends AgentType>(type: T, given: unknown): ConfigOf<T> {
  const schema: z.ZodType = CONFIGS[type];
  return read(schema, given, 'config') as ConfigOf<T>;
}

/** @throws DomainError `validation_failed` that names every field */
export function readInput<T extends AgentType>(type: T, given: unknown): InputOf<T> {
  const schema: z.ZodType = INPUTS[type];
  return read(schema, given, 'input') as InputOf<T>;
}

function read(schema: z.ZodType, given: unknown, field: string): unknown {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const errors: FieldError[] = error.issues.map(({ path, message }) => ({
    field: [field, ...path.map(String)].join('.'),
    message,
  }));
  throw new DomainError('validation_failed', `The ${field} does not fit an agent of this type.`, { errors });
}
