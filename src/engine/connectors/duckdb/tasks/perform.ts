import type { EngineBounds, InstanceBounds, TaskLimits } from '../engine-bounds.js';
import { TASKS } from './tasks.js';

type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
type Input<Name extends TaskName> = Omit<Parameters<Tasks[Name]>[0], 'bounds'>;
type Output<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

/**
 * Does a task where the bounds say: in a process of its own, or here.
 *
 * @throws what the task throws; in another process also EngineError `query_out_of_memory` and `query_failed` when that dies
 */
export function perform<Name extends TaskName>(
  name: Name,
  { processes, ...bounds }: EngineBounds,
  input: Input<Name>,
  limits: TaskLimits,
): Promise<Output<Name>> {
  const given = { ...input, bounds: instanceBounds(bounds) };
  // The compiler does not see that the task of a name belongs to the input of the same name.
  const task = TASKS[name] as unknown as (input: typeof given, context: TaskLimits) => Promise<Output<Name>>;
  if (processes === undefined) return task(given, limits);
  return processes.run(name, given, limits) as Promise<Output<Name>>;
}

/** Nothing but the bounds: what a caller has beside them may not be plain data. */
function instanceBounds({ maxMemoryBytes, threads, scratchDirectory, maxSpillBytes }: InstanceBounds): InstanceBounds {
  return { maxMemoryBytes, threads, scratchDirectory, maxSpillBytes };
}
