import { Injectable } from '@nestjs/common';
import { plainWords } from '../../engine/dialogue/index.js';
import type { Query } from '../queries/index.js';
import { type FoundPassageDto, SearchService } from '../rag/index.js';
import { DocumentDefinitions, type PointedDefinition } from './document-definitions.js';
import type { TurnAtWork } from './turn-at-work.js';

const MOST_PASSAGES = 3;
/** Passages that definitions are looked for in. */
const MOST_READ = 20;
const LONGEST_SEARCH = 1000;
/** Of the telling words of the question, a passage must have so many to be worth pointing at. */
const LEAST_SHARE = 0.5;

/** Tell nothing about what a passage should be about. */
const COMMON = new Set(
  (
    'a an and any are as at be by can could did do does for from had has have how i if in is it its many me much my of on one or our ' +
    'please say says she show so tell than that the their them there these they this those to us was we were what when where ' +
    'which who whom whose why will with would you your'
  ).split(' '),
);

/** What documents have to say to a question. */
export interface Hints {
  passages: { chunkId: number; documentId: number }[];
  definitions: PointedDefinition[];
}

/** Passages of the documents that the caller may see, for questions that data cannot answer. */
@Injectable()
export class DocumentHints {
  constructor(
    private readonly searching: SearchService,
    private readonly definitions: DocumentDefinitions,
  ) {}

  /**
   * The best passages first; none where nothing fits well, or the caller may not read documents.
   *
   * @param query that could not be answered, or asks back; null where there is no data
   */
  async find(text: string, { caller, conversation }: TurnAtWork, query: Query | null): Promise<Hints> {
    const words = new Set(plainWords(text).filter((word) => !COMMON.has(word)));
    if (!caller.permissions.has('documents:read') || words.size === 0) return { passages: [], definitions: [] };
    const occasion = { conversationId: conversation.id, ...(query === null ? {} : { queryId: query.id }) };
    const wanted = { query: text.slice(0, LONGEST_SEARCH).toWellFormed(), limit: MOST_READ };
    const { items } = await this.searching.search(wanted, caller, occasion);
    const passages = items
      .slice(0, MOST_PASSAGES)
      .filter((passage) => sharedWords(passage, words) >= Math.max(1, Math.ceil(words.size * LEAST_SHARE)))
      .map(({ chunk_id: chunkId, document_id: documentId }) => ({ chunkId, documentId }));
    const definitions = query === null ? [] : await this.definitions.among(items, text, query.dataSourceId, caller);
    return { passages, definitions };
  }
}

/** How many of the words the passage, its headings or its title have; forms of one word count once. */
function sharedWords({ text, title, heading, highlights }: FoundPassageDto, words: ReadonlySet<string>): number {
  const found = highlights.flatMap(({ start, end }) => plainWords(text.slice(start, end)));
  const known = [...found, ...plainWords(title), ...plainWords(heading)];
  return [...words].filter((word) => known.some((one) => sameBeginning(one, word))).length;
}

/** "return" and "returned" begin with the same four fifths of the shorter one. */
function sameBeginning(one: string, other: string): boolean {
  const length = Math.max(3, Math.ceil(Math.min(one.length, other.length) * 0.8));
  return one === other || (Math.min(one.length, other.length) >= 4 && one.slice(0, length) === other.slice(0, length));
}
