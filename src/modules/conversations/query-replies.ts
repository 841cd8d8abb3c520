import { Injectable } from '@nestjs/common';
import { tellResult } from '../../engine/dialogue/index.js';
import { type Query, QueryAnswers, ResultsService } from '../queries/index.js';
import { DocumentHints } from './document-hints.js';
import { ModelReplies } from './model-replies.js';
import { HelpReplies, NO_DATA, numbered } from './help-replies.js';
import type { Reply } from './turn-journal.js';
import type { TurnAtWork } from './turn-at-work.js';

const ROWS_TOLD = 3;

/**
 * Puts into words what has become of a query. Words that hold values of the data are kept with the result and not with the
 * message, so that they go when the result goes, and are told only to who may see the rows. This is the one place where
 * replies get their words.
 */
@Injectable()
export class QueryReplies {
  constructor(
    private readonly results: ResultsService,
    private readonly answers: QueryAnswers,
    private readonly documents: DocumentHints,
    private readonly help: HelpReplies,
    private readonly written: ModelReplies,
  ) {}

  /**
   * @param text what was said, as it was said
   * @param notes what else is to be said, without values of the data
   */
  async to(query: Query, turn: TurnAtWork, text: string, notes: readonly string[]): Promise<Reply> {
    const reply = await this.told(query, turn, text, notes);
    return { ...reply, text: [reply.text, ...notes].join(' ') };
  }

  private async told(query: Query, turn: TurnAtWork, text: string, notes: readonly string[]): Promise<Reply> {
    switch (query.status) {
      case 'succeeded':
        return this.result(query, turn, notes);
      case 'needs_clarification': {
        const { question, options } = query.clarification ?? { question: '', options: [] };
        const { definitions } = await this.documents.find(text, turn, query);
        const asked = [question, ...defined(definitions.length)].join(' ');
        const open = { kind: 'clarification', queryId: query.id } as const;
        return { kind: 'clarification', text: `${asked}\n${numbered(options)}`, open, definitions };
      }
      case 'unanswerable':
        return this.unanswerable(query, turn, text);
      default: {
        const detail = query.errorMessage ?? 'The query was cancelled before it had an answer.';
        return { kind: 'failure', text: detail, error: { code: query.errorCode ?? 'query_cancelled', detail } };
      }
    }
  }

  /** What is said where there is no data to ask. */
  async withoutData(turn: TurnAtWork, text: string): Promise<Reply> {
    const { passages } = await this.documents.find(text, turn, null);
    if (passages.length === 0) return { kind: 'help', text: NO_DATA, suggestions: [] };
    return { kind: 'documents', text: `${NO_DATA} ${pointedAt(passages.length)}`, passages };
  }

  private async result(query: Query, turn: TurnAtWork, notes: readonly string[]): Promise<Reply> {
    const page = await this.results.overview(query, ROWS_TOLD, turn.signal);
    const { text, sentence } = tellResult({
      paraphrase: query.receipt?.paraphrase ?? query.naturalLanguage,
      columns: page?.columns ?? [],
      rows: page?.rows ?? [],
      rowCount: query.executedRows ?? 0,
      truncated: query.truncated,
    });
    if (sentence !== null) await this.answers.keepSaying(query.id, [sentence, ...notes].join(' '));
    const written = await this.written.about(query, turn);
    if (written === null) return { kind: 'answer', text };
    await this.answers.keepSaying(query.id, [written.text, ...notes].join(' '));
    return { kind: 'answer', text, model: written.model, tokens: written.tokens };
  }

  private async unanswerable(query: Query, turn: TurnAtWork, text: string): Promise<Reply> {
    const reason = query.errorMessage ?? 'The data cannot answer this.';
    const { passages, definitions } = await this.documents.find(text, turn, query);
    const suggestions = await this.help.suggestions(query.dataSourceId, turn.caller);
    if (passages.length === 0 && definitions.length === 0) return { kind: 'unanswerable', text: reason, suggestions };
    const pointed = passages.length === 0 ? [] : [pointedAt(passages.length)];
    const told = [reason, ...defined(definitions.length), ...pointed].join(' ');
    return { kind: 'documents', text: told, suggestions, passages, definitions };
  }
}

/** One click makes a word of the documents a word that questions can name. */
function defined(count: number): string[] {
  const what = count === 1 ? 'a word of it means' : `${count} words of it mean`;
  return count === 0
    ? []
    : [`The documents say what ${what}: see the definitions, which can be added to the glossary.`];
}

/** Marks clearly that what is quoted was not computed. */
function pointedAt(count: number): string {
  const what = count === 1 ? 'a passage' : `${count} passages`;
  return `The documents have ${what} that may help, quoted as written and not computed from data: see the citations.`;
}
