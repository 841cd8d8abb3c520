import { availableParallelism } from 'node:os';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { AuthConfig } from '../config/index.js';
import { DomainError } from '../errors/domain-error.js';
import type { PasswordTask } from './bcrypt.worker.js';

/** bcrypt reads no more than this; a longer password is refused, never cut. */
export const LONGEST_PASSWORD_BYTES = 72;

/** Of a bcrypt hash, after its version and its cost. */
const SALT_AND_DIGEST_CHARACTERS = 53;

/** Sign-ins that may wait for a hashing thread before new ones are turned away. */
const LONGEST_QUEUE = 200;

/** bcrypt hashing and checking, off the event loop. */
@Injectable()
export class PasswordHasher implements OnApplicationShutdown {
  private readonly pool: Piscina;

  constructor(private readonly config: AuthConfig) {
    this.pool = new Piscina({
      filename: new URL('./bcrypt.worker.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: Math.max(1, availableParallelism() - 1),
      idleTimeout: 30_000,
      maxQueue: LONGEST_QUEUE,
      concurrentTasksPerWorker: 1,
    });
  }

  /** A bcrypt hash of the password at the configured cost. */
  async hash(password: string): Promise<string> {
    return String(await this.run({ kind: 'hash', password, cost: this.config.bcryptCost }));
  }

  /** Whether the password belongs to the hash; takes as long when there is no hash, because there is no such account. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const matches = await this.run({ kind: 'verify', password, hash: hash ?? this.decoyHash() });
    return matches === true && hash !== undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  /** A hash of the configured cost that no password is known for. */
  private decoyHash(): string {
    return `$2b$${this.config.bcryptCost}$${'.'.repeat(SALT_AND_DIGEST_CHARACTERS)}`;
  }

  private async run(task: PasswordTask): Promise<unknown> {
    if (this.pool.queueSize >= LONGEST_QUEUE) {
      throw new DomainError('overloaded', 'Too many people are signing in right now. Try again in a few seconds.', {
        retryAfterSeconds: 5,
      });
    }
    return this.pool.run(task);
  }
}
