import { Injectable } from '@nestjs/common';
import { looksLikeSql, withSynonyms } from '../../engine/dialogue/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { AskService, type Patience, QueriesService, type Query, QueryEnds } from '../queries/index.js';
import { MemoriesService } from './memories.service.js';
import { CONTEXT_KEY, contextIn, maxRowsIn, synonymsIn } from './memory-kinds.js';
import { QueryReplies } from './query-replies.js';
import type { Reply } from './turn-journal.js';
import type { TurnAtWork } from './turn-at-work.js';

const LONGEST_QUESTION = 10_000;

/** Questions of a conversation, on the one way on which all questions go. */
@Injectable()
export class QuestionTurns {
  constructor(
    private readonly asking: AskService,
    private readonly queries: QueriesService,
    private readonly ends: QueryEnds,
    private readonly memories: MemoriesService,
    private readonly replies: QueryReplies,
  ) {}

  /** Asks; the question may go on from the last one that was answered. */
  async ask(turn: TurnAtWork, dataSourceId: number, text: string): Promise<Reply> {
    const { caller, conversation } = turn;
    const memories = await this.memories.of(conversation.id);
    const maxRows = maxRowsIn(memories);
    const common = { data_source_id: dataSourceId, ...(maxRows === null ? {} : { max_rows: maxRows }) };
    if (looksLikeSql(text)) {
      const query = await this.asking.ask({ ...common, sql: text }, caller, patienceOf(turn), {
        conversationId: conversation.id,
      });
      return this.replyTo(turn, query, text, []);
    }
    const read = withSynonyms(text, synonymsIn(memories));
    const { text: question, used } = read.text.length <= LONGEST_QUESTION ? read : { text, used: [] };
    const previous = await this.previous(contextIn(memories), dataSourceId, caller);
    const request = { ...common, question, ...(previous === null ? {} : { previous_query_id: previous }) };
    const query = await this.asking.ask(request, caller, patienceOf(turn), { conversationId: conversation.id });
    const notes = used.map(({ term, means }) => `“${term}” was read as “${means}”, as you said.`);
    return this.replyTo(turn, query, text, notes);
  }

  /** Answers what a query asked back, with one of its options; the query goes on. */
  async answer(turn: TurnAtWork, queryId: number, option: string): Promise<Reply> {
    const query = await this.asking.answer(queryId, { option }, turn.caller, patienceOf(turn));
    return this.replyTo(turn, query, query.naturalLanguage ?? '', []);
  }

  /** What there is to choose from while a query asks back; nothing otherwise. */
  async optionsOf(queryId: number, caller: Principal): Promise<{ value: string; label: string }[]> {
    const [query] = await this.queries.getAll([queryId], caller);
    return query?.status === 'needs_clarification' ? (query.clarification?.options ?? []) : [];
  }

  /** A question where there is no data at all: documents may help. */
  withoutData(turn: TurnAtWork, text: string): Promise<Reply> {
    return this.replies.withoutData(turn, text);
  }

  private async replyTo(turn: TurnAtWork, begun: Query, text: string, notes: string[]): Promise<Reply> {
    await turn.onQuery(begun.id);
    const query = await this.ends.of(begun.id, turn.caller, turn.signal);
    if (query.status === 'succeeded' && query.state !== null) {
      await this.memories.keep(turn.conversation.id, {
        type: 'short_term',
        key: CONTEXT_KEY,
        value: { query_id: query.id },
      });
    }
    const reply = await this.replies.to(query, turn, text, notes);
    const title = query.naturalLanguage === null ? {} : { title: text };
    return { ...reply, ...title, queryId: query.id, dataSourceId: query.dataSourceId };
  }

  /** The query to go on from, if it is still there and about the same data. */
  private async previous(id: number | null, dataSourceId: number, caller: Principal): Promise<number | null> {
    if (id === null) return null;
    const [query] = await this.queries.getAll([id], caller);
    return query?.dataSourceId === dataSourceId && query.state !== null && query.naturalLanguage !== null ? id : null;
  }
}

/** The turn waits for the end itself, so that it can tell on the way how far it is. */
function patienceOf({ signal }: TurnAtWork): Patience {
  if (signal.aborted) throw new DomainError('query_cancelled', 'The conversation has ended before this was asked.');
  return { waitMs: 0, disconnected: signal, fresh: false };
}
