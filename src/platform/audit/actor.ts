/** Who is acting, known from the edge of the process to every place that writes down what was done. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP } from 'node:net';

/** How somebody acts: `anonymous` is a caller of a public route who has not proven who they are. */
export const ACTOR_KINDS = ['session', 'api_key', 'mcp', 'schedule', 'command_line', 'system', 'anonymous'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

export interface Actor {
  kind: ActorKind;
  userId: number | null;
  apiKeyId: number | null;
  /** An IP address, or null where there is none. */
  address: string | null;
  requestId: string | null;
}

/** What the process does of its own accord. */
export const SYSTEM_ACTOR: Readonly<Actor> = Object.freeze({
  kind: 'system',
  userId: null,
  apiKeyId: null,
  address: null,
  requestId: null,
});

const storage = new AsyncLocalStorage<Actor>();

/** Does the work, and all that follows from it, in somebody's name. */
export function actAs<T>(actor: Actor, work: () => T): T {
  return storage.run(actor, work);
}

/** The work as something that can wait its turn: when it is done, it is done in the name of whoever asks for it now. */
export function inSameName<A extends unknown[], T>(work: (...args: A) => T): (...args: A) => T {
  return AsyncLocalStorage.bind(work);
}

/** Whoever the current work is done for; the system, when nobody has asked for it. */
export function currentActor(): Readonly<Actor> {
  return storage.getStore() ?? SYSTEM_ACTOR;
}

/** A caller who has not been recognised yet. */
export function visitor(address: string, requestId: string): Actor {
  return { kind: 'anonymous', userId: null, apiKeyId: null, address: plainAddress(address), requestId };
}

/** The caller has proven who they are: from here on the current work is done in their name. */
export function recognise(proven: Pick<Actor, 'kind' | 'userId' | 'apiKeyId'>): void {
  const actor = storage.getStore();
  if (actor !== undefined) Object.assign(actor, proven);
}

/** Without the interface of a link-local address; null for what is no address, as a proxy may send. */
function plainAddress(address: string): string | null {
  const plain = address.split('%')[0] ?? '';
  return isIP(plain) === 0 ? null : plain.replace(/^::ffff:(?=\d+\.)/i, '');
}
