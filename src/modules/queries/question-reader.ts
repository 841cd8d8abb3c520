import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { Catalog, CatalogTable } from '../../engine/catalog/catalog.js';
import { answerQuestion, type QuestionInput, type QuestionOutcome } from '../../engine/text-to-sql/index.js';
import type { QuestionTask } from './questions.worker.js';

/** Of a column with few values. They are part of the catalogue, and what is copied on the way to a thread. */
const COLUMN_WEIGHT = 20;
/** Up to here (about 1,000 columns), a question is read at once: the way to a thread and back would take longer. */
const SMALL_WEIGHT = 20_000;
/** What is handed to the thread at once: copying it holds up everybody else for some milliseconds. */
const PART_WEIGHT = 5_000;
const IDLE_MS = 600_000;

/** Reads questions without holding up the event loop, whatever the size of the catalogue. */
@Injectable()
export class QuestionReader implements OnApplicationShutdown {
  private readonly keys = new WeakMap<Catalog, number>();
  private lastKey = 0;
  private readonly teaching = new Map<number, Promise<void>>();
  /** Exactly one thread, because it is the one that knows the catalogues. */
  private readonly thread = new Piscina({
    filename: new URL('./questions.worker.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    concurrentTasksPerWorker: 1,
  });

  async read(input: QuestionInput): Promise<QuestionOutcome> {
    const { catalog, ...question } = input;
    if (isSmall(catalog)) return answerQuestion(input);
    const key = this.keyOf(catalog);
    const read = (): Promise<QuestionOutcome | null> => this.run({ kind: 'read', key, input: question });
    const outcome = await read();
    if (outcome !== null) return outcome;
    const teaching = this.teaching.get(key) ?? this.teach(key, catalog);
    this.teaching.set(key, teaching);
    await teaching.finally(() => this.teaching.delete(key));
    // Forgotten again at once only if the thread has ended in between.
    return (await read()) ?? answerQuestion(input);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.thread.destroy();
  }

  private async teach(key: number, { tables, relationships, calendar }: Catalog): Promise<void> {
    let part: CatalogTable[] = [];
    let weight = 0;
    for (const table of tables) {
      part.push(table);
      weight += weightOf(table);
      if (weight < PART_WEIGHT) continue;
      await this.run({ kind: 'learn', key, part: { tables: part, relationships: [] }, whole: false });
      await nextTurn();
      part = [];
      weight = 0;
    }
    await this.run({
      kind: 'learn',
      key,
      part: { tables: part, relationships, ...(calendar && { calendar }) },
      whole: true,
    });
  }

  private async run(task: QuestionTask): Promise<QuestionOutcome | null> {
    return (await this.thread.run(task)) as QuestionOutcome | null;
  }

  private keyOf(catalog: Catalog): number {
    const known = this.keys.get(catalog);
    if (known !== undefined) return known;
    this.keys.set(catalog, (this.lastKey += 1));
    return this.lastKey;
  }
}

function isSmall({ tables }: Catalog): boolean {
  let weight = 0;
  return tables.every((table) => (weight += weightOf(table)) <= SMALL_WEIGHT);
}

function weightOf({ columns }: CatalogTable): number {
  return columns.reduce((sum, { values }) => sum + Math.max(COLUMN_WEIGHT, values?.length ?? 0), 0);
}
