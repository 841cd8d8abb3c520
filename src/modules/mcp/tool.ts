import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import type { Permission, Principal } from '../../platform/security/index.js';

/** Who calls a tool, and for how long they are there. */
export interface ToolCall {
  caller: Principal;
  /** Aborts when they have gone. */
  signal: AbortSignal;
}

/** What a program can have done over MCP. */
export interface Tool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  name: string;
  title: string;
  /** Written for a language model: when to use it, and what to do with what it gives. */
  description: string;
  /** The same as of the route that does the same. */
  permission: Permission;
  annotations: ToolAnnotations;
  input: Shape;
  run: (input: z.output<z.ZodObject<Shape>>, call: ToolCall) => Promise<object>;
}

/** A tool whose input is checked before it runs, so that what it takes need not be known to who lists it. */
export function tool<Shape extends z.ZodRawShape>(made: Tool<Shape>): Tool {
  return made as unknown as Tool;
}

/** For tools that change nothing. */
export const READS: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
/** For tools that record a query and run it: nothing of the data changes. */
export const ASKS: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
