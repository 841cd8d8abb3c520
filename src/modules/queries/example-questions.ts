import { Injectable } from '@nestjs/common';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { exampleCandidates } from '../../engine/dialogue/index.js';
import type { Principal } from '../../platform/security/index.js';
import { dialectOf, DataSourcesService } from '../data-sources/index.js';
import { QuestionReader } from './question-reader.js';

const MOST_TRIED = 12;
const MOST_GIVEN = 4;

/** Questions that can be asked of a source. Each has been read by the engine, so each has an answer. */
@Injectable()
export class ExampleQuestions {
  /** By the catalogue, which is another one when the source, or what somebody may see of it, changes. */
  private readonly known = new WeakMap<Catalog, Promise<string[]>>();

  constructor(
    private readonly sources: DataSourcesService,
    private readonly reader: QuestionReader,
  ) {}

  /** @throws DomainError `not_found` for the source */
  async of(dataSourceId: number, caller: Principal): Promise<string[]> {
    const { catalog, source } = await this.sources.open(dataSourceId, caller);
    const known = this.known.get(catalog) ?? this.find(catalog, dialectOf(source.type));
    this.known.set(catalog, known);
    return known;
  }

  private async find(catalog: Catalog, dialect: ReturnType<typeof dialectOf>): Promise<string[]> {
    const good: string[] = [];
    for (const question of exampleCandidates(catalog).slice(0, MOST_TRIED)) {
      const { kind } = await this.reader.read({ question, catalog, dialect, now: new Date() });
      if (kind === 'answer') good.push(question);
      if (good.length === MOST_GIVEN) break;
    }
    return good;
  }
}
