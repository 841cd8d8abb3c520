import { Injectable } from '@nestjs/common';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { type Definition, definitionsIn, termAskedFor } from '../../engine/retrieval/definitions.js';
import { formulaOf } from '../../engine/text-to-sql/index.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import type { FoundPassageDto } from '../rag/index.js';
import type { DefinitionDto } from './dto/definition.dto.js';

const MOST_DEFINITIONS = 3;

/** Where a definition is, and what it can be worked out by. Its words are read anew whenever it is told. */
export interface PointedDefinition {
  chunkId: number;
  documentId: number;
  /** Where it begins in the passage. */
  at: number;
  /** The data source whose tables the formula is over. */
  dataSourceId: number;
  /** Null where it is no formula over these tables. */
  formula: string | null;
}

/** What documents say that words of a question mean, where the data has no such words. */
@Injectable()
export class DocumentDefinitions {
  constructor(private readonly sources: DataSourcesService) {}

  /** Those that the question asks for by their term, the best passage first. */
  async among(
    passages: readonly FoundPassageDto[],
    question: string,
    dataSourceId: number,
    caller: Principal,
  ): Promise<PointedDefinition[]> {
    const asked = passages.flatMap((passage) =>
      definitionsIn(passage.text).flatMap((definition) => {
        const term = termAskedFor(definition, question);
        return term === null ? [] : [{ passage, definition, term: term.toLowerCase() }];
      }),
    );
    if (asked.length === 0) return [];
    const { catalog } = await this.sources.open(dataSourceId, caller);
    const known = new Set(namesIn(catalog));
    const first = asked.filter(({ term }, nth) => asked.findIndex((other) => other.term === term) === nth);
    return first
      .filter(({ term }) => !known.has(term))
      .slice(0, MOST_DEFINITIONS)
      .map(({ passage, definition }) => ({
        chunkId: passage.chunk_id,
        documentId: passage.document_id,
        at: definition.start,
        dataSourceId,
        formula: formulaOf(definition.meaning, catalog),
      }));
  }
}

/** A definition as it is told; null when the passage has it no longer. */
export function toldDefinition(
  { at, dataSourceId, formula }: PointedDefinition,
  { document_id, title, text, start }: FoundPassageDto,
): DefinitionDto | null {
  const found: Definition | undefined = definitionsIn(text).find((definition) => definition.start === at);
  const [term] = found?.terms ?? [];
  if (found === undefined || term === undefined) return null;
  return {
    term,
    definition: found.meaning,
    document_id,
    title,
    start: start + found.start,
    end: start + found.end,
    glossary_term: { term, definition: found.meaning, formula, data_source_id: dataSourceId },
  };
}

/** The data knows these words itself. */
function namesIn({ tables }: Catalog): string[] {
  return tables
    .flatMap((table) => [table, ...table.columns])
    .flatMap(({ name, synonyms }) => [name, ...synonyms])
    .map((name) => name.toLowerCase().replaceAll('_', ' '));
}
