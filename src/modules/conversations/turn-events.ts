import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type EventStream, EventStreams } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { isUnfinished, QueriesService, type Query, QueryAnswers } from '../queries/index.js';
import type {
  DoneEventDto,
  InterpretationEventDto,
  MessageEventDto,
  RunningEventDto,
  TextEventDto,
} from './dto/events.dto.js';
import type { ReplyDto } from './dto/message.dto.js';
import type { ConversationMessage } from './entities/conversation-message.entity.js';
import { MessagesService } from './messages.service.js';
import { Turns } from './turns.js';

/** How often a turn is looked at, in this process and by its row when it is another's. */
const LOOK_MS = 250;
const LOOK_ELSEWHERE_MS = 1_000;

/**
 * The events of a turn, in their order. They follow from what is stored, so that any process can tell them from any point on:
 * the id of an event says which turn and how far.
 */
const STAGES = ['message', 'interpretation', 'running', 'text', 'answer', 'done'] as const;
type Stage = (typeof STAGES)[number];

/** Tells people what becomes of what they have said. */
@Injectable()
export class TurnEvents {
  private readonly logger = new Logger(TurnEvents.name);

  constructor(
    private readonly messages: MessagesService,
    private readonly queries: QueriesService,
    private readonly answers: QueryAnswers,
    private readonly turns: Turns,
    private readonly streams: EventStreams,
  ) {}

  /**
   * Starts the stream of a turn: `message`, `interpretation` and `running` where a query answers it, `text` for every sentence
   * that a model writes, `answer`, and `done`, which is its last event.
   *
   * @param replyId the reply of the turn
   * @param lastId of the last event that the caller has got before: those up to it are not told again
   * @returns null when that was the last one there is
   * @throws DomainError `not_found`, `rate_limited`, `overloaded`
   */
  async follow(
    conversationId: number,
    replyId: number,
    lastId: string,
    caller: Principal,
    reply: FastifyReply,
  ): Promise<EventStream | null> {
    const message = await this.messages.find(conversationId, replyId, caller);
    if (message.replyToId === null) throw new DomainError('not_found', 'Only replies can be followed.');
    const told = placeOf(replyId, lastId);
    if (told.stage === STAGES.indexOf('done')) return null;
    const stream = this.streams.start(reply, caller.userId);
    this.tell(message, told, caller, stream)
      .catch((error: unknown) => {
        // Removed while it was followed.
        if (!(error instanceof DomainError)) this.logger.error(error);
      })
      .finally(() => stream.end());
    return stream;
  }

  private async tell(begun: ConversationMessage, told: Place, caller: Principal, stream: EventStream): Promise<void> {
    const { id, conversationId } = begun;
    let { stage: last, sentences } = told;
    const send = (stage: Stage, data: unknown): void => {
      last = STAGES.indexOf(stage);
      stream.send({ id: idOf(id, stage), event: stage, data });
    };
    if (last < STAGES.indexOf('message')) send('message', await this.said(begun, caller));
    while (!stream.ended.aborted) {
      // Before the look, so that nothing changes unseen in between.
      const change = this.turns.change(id);
      const message = await this.messages.find(conversationId, id, caller);
      const query = await this.queryOf(message, caller);
      if (query !== null && query.receipt !== null && last < STAGES.indexOf('interpretation')) {
        send('interpretation', interpretationOf(query));
      }
      if (message.status !== 'in_progress') {
        if (last < STAGES.indexOf('answer')) send('answer', await this.answer(message, caller, stream));
        const done: DoneEventDto = { message_id: id, status: message.status };
        return send('done', done);
      }
      const { writing = [] } =
        query?.status === 'succeeded' ? ((await this.answers.sayings([query.id], caller)).get(query.id) ?? {}) : {};
      for (const text of writing.slice(sentences)) {
        sentences += 1;
        last = STAGES.indexOf('text');
        const said: TextEventDto = { text };
        stream.send({ id: `${idOf(id, 'text')}-${sentences}`, event: 'text', data: said });
      }
      if (query !== null && query.receipt !== null && isUnfinished(query) && last < STAGES.indexOf('running')) {
        const running: RunningEventDto = { query_id: query.id };
        send('running', running);
      }
      await nextLook(change, stream.ended);
    }
  }

  private async said(
    { conversationId, replyToId, id }: ConversationMessage,
    caller: Principal,
  ): Promise<MessageEventDto> {
    const said = await this.messages.find(conversationId, replyToId ?? 0, caller);
    return { message: await this.messages.tell(said, caller), reply_id: id };
  }

  private answer(message: ConversationMessage, caller: Principal, stream: EventStream): Promise<ReplyDto> {
    return this.messages.showAll(message, caller, stream.ended);
  }

  private async queryOf({ queryId }: ConversationMessage, caller: Principal): Promise<Query | null> {
    if (queryId === null || !caller.permissions.has('queries:read')) return null;
    const [query] = await this.queries.getAll([queryId], caller);
    return query ?? null;
  }
}

/** What has been told: the stage, and of a text how many sentences. */
interface Place {
  stage: number;
  sentences: number;
}

function placeOf(replyId: number, lastId: string): Place {
  const [, count] = new RegExp(`^${idOf(replyId, 'text')}-(\\d{1,4})$`).exec(lastId) ?? [];
  if (count !== undefined) return { stage: STAGES.indexOf('text'), sentences: Number(count) };
  return { stage: STAGES.findIndex((stage) => stage !== 'text' && idOf(replyId, stage) === lastId), sentences: 0 };
}

function idOf(replyId: number, stage: Stage): string {
  return `${replyId}-${stage}`;
}

function interpretationOf({ id, receipt, generatedSql, confidence }: Query): InterpretationEventDto {
  return {
    query_id: id,
    paraphrase: receipt?.paraphrase ?? null,
    interpretation: receipt?.interpretation ?? [],
    sql: generatedSql,
    confidence,
  };
}

/** Resolves after a while, as soon as there is something new, or when nobody listens any more. */
async function nextLook(change: Promise<void> | null, ended: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const signal = AbortSignal.any([ended, enough.signal]);
  const pause = delay(change === null ? LOOK_ELSEWHERE_MS : LOOK_MS, undefined, { signal }).catch(() => undefined);
  await Promise.race(change === null ? [pause] : [pause, change]);
  enough.abort();
}
