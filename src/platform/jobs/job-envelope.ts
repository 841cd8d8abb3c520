import { type Actor, actAs, currentActor } from '../audit/index.js';
import type { JobPayload } from './job-kind.js';

/** A payload, and in whose name the work is done. */
export interface JobEnvelope<P extends JobPayload = JobPayload> {
  actor: Actor;
  payload: P;
}

/** @param actor whoever asks for it now, when left out */
export function envelop<P extends JobPayload>(payload: P, actor: Actor = currentActor()): JobEnvelope<P> {
  return { actor: { ...actor }, payload };
}

export function inNameOf<T>({ actor }: JobEnvelope, work: () => T): T {
  return actAs({ ...actor }, work);
}
