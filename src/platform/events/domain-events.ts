import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { afterCommit } from '../database/index.js';
import type { EventKind } from './event-kind.js';

/** What somebody does about an event. */
export type Reaction<P extends object> = (payload: Readonly<P>) => void | Promise<void>;

/**
 * Tells one part of the process what has happened in another, without either knowing the other.
 *
 * The promise: in this process only, after the change is committed, at most once. A process that dies between the commit and
 * a reaction takes the reaction with it, and another replica never hears of it. What must not be lost is a job that is added
 * inside the transaction. Reactions are done in the name of whoever caused the event, beside each other; one that fails is
 * logged and troubles nobody else.
 */
@Injectable()
export class DomainEvents implements BeforeApplicationShutdown {
  private readonly logger = new Logger(DomainEvents.name);
  private readonly reactions = new Map<string, Set<Reaction<never>>>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Has something done about every event of a kind from now on.
   *
   * @returns ends that
   */
  on<P extends object>(kind: EventKind<P>, reaction: Reaction<P>): () => void {
    const others = this.reactions.get(kind.name) ?? new Set();
    this.reactions.set(kind.name, others.add(reaction));
    return () => void others.delete(reaction);
  }

  /**
   * Tells everybody who wants to know. Never throws, and waits for nobody.
   *
   * @param manager of the transaction that the event is part of: it is told when that is committed, and never if it is not
   */
  publish<P extends object>(kind: EventKind<P>, payload: Readonly<P>, manager?: EntityManager): void {
    if (manager?.queryRunner?.isTransactionActive === true) {
      afterCommit(this.dataSource, manager, () => this.tell(kind, payload));
    } else {
      this.tell(kind, payload);
    }
  }

  /** What is being done about events may come to its end. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private tell<P extends object>(kind: EventKind<P>, payload: Readonly<P>): void {
    for (const reaction of this.reactions.get(kind.name) ?? []) {
      const done = this.react(kind, reaction as Reaction<P>, payload);
      this.underWay.add(done);
      void done.finally(() => this.underWay.delete(done));
    }
  }

  private async react<P extends object>(
    { name }: EventKind<P>,
    reaction: Reaction<P>,
    payload: Readonly<P>,
  ): Promise<void> {
    try {
      await reaction(payload);
    } catch (error) {
      this.logger.error({ err: error, event: name }, 'a reaction to an event failed');
    }
  }
}
