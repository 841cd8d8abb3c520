import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { User } from '../users/index.js';
import type { PointedDefinition } from './document-definitions.js';
import { ConversationMessage, type MessageMeta, type ReplyKind } from './entities/conversation-message.entity.js';
import { Conversation, type OpenMatter } from './entities/conversation.entity.js';

export const LEASE_MS = 30_000;
const LONGEST_TITLE = 80;
const ASSISTANT = 'Lumiere';

/** What is said, and with what. */
export interface Saying {
  text: string;
  dataSourceId: number | null;
  requestKey: string | null;
}

/** A turn that has been written down: what was said, and the place of the reply. */
export interface BegunTurn {
  conversation: Conversation;
  said: ConversationMessage;
  reply: ConversationMessage;
}

/** What a reply is when it is made. */
export interface Reply {
  kind: ReplyKind;
  /** Without a value of the data, and without text of documents. */
  text: string;
  queryId?: number | null;
  dataSourceId?: number | null;
  /** What it leaves open; what was open before is settled. */
  open?: OpenMatter | null;
  suggestions?: string[];
  passages?: { chunkId: number; documentId: number }[];
  definitions?: PointedDefinition[];
  error?: { code: string; detail: string };
  /** The model that wrote what is said of the result, and what it took. */
  model?: string;
  tokens?: number | null;
  /** Names the conversation, when it has no name. */
  title?: string;
}

/** Writes down turns: what was said and what was replied. One turn at a time in one conversation, over all processes. */
@Injectable()
export class TurnJournal {
  constructor(
    @InjectRepository(ConversationMessage) private readonly messages: Repository<ConversationMessage>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The reply to a message that was sent with this key before; null when there is none. */
  async repeated(conversationId: number, requestKey: string, text: string): Promise<ConversationMessage | null> {
    const said = await this.messages.findOneBy({ conversationId, requestKey });
    if (said === null) return null;
    if (said.messageText === text) return this.messages.findOneBy({ conversationId, replyToId: said.id });
    throw new DomainError('idempotency_key_reused', 'This Idempotency-Key was sent with another text. Use a new one.');
  }

  /** @throws DomainError `conversation_busy` while another turn is in progress, `not_found` */
  async begin(conversationId: number, saying: Saying, { userId }: Principal): Promise<BegunTurn> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const conversation = await manager.findOne(Conversation, {
        where: { id: conversationId },
        lock: { mode: 'pessimistic_write' },
      });
      if (conversation === null) throw notFound('conversation');
      if (await manager.existsBy(ConversationMessage, { conversationId, status: 'in_progress' })) throw busy();
      const { username } = await manager.findOneByOrFail(User, { id: userId });
      const dataSourceId = saying.dataSourceId ?? conversation.dataSourceId;
      const said = await add(manager, {
        conversationId,
        dataSourceId,
        sender: username,
        role: 'user',
        messageText: saying.text,
        requestKey: saying.requestKey,
      });
      const reply = await add(manager, {
        conversationId,
        dataSourceId,
        sender: ASSISTANT,
        role: 'assistant',
        messageText: '',
        replyToId: said.id,
        status: 'in_progress',
        leaseUntil: new Date(Date.now() + LEASE_MS),
      });
      await manager.update(Conversation, { id: conversationId }, { lastMessageAt: new Date(), dataSourceId });
      record({
        action: 'conversation_message.posted',
        objectId: said.id,
        details: { conversation_id: conversationId },
      });
      return { conversation: Object.assign(conversation, { dataSourceId }), said, reply };
    });
  }

  /** The query is known by which the turn is answered. */
  async note(replyId: number, queryId: number): Promise<void> {
    await this.messages.update({ id: replyId, status: 'in_progress' }, { queryId });
  }

  /** The turn is over. What has been removed meanwhile stays removed. */
  async finish({ conversation, said, reply: { id } }: BegunTurn, reply: Reply): Promise<void> {
    const {
      kind,
      text,
      queryId = null,
      open = null,
      suggestions,
      passages = [],
      definitions = [],
      error,
      title,
      model,
      tokens = null,
    } = reply;
    const messageMeta: MessageMeta = {
      kind,
      open,
      ...(suggestions === undefined ? {} : { suggestions }),
      ...(passages.length === 0 ? {} : { passages }),
      ...(definitions.length === 0 ? {} : { definitions }),
      ...(error === undefined ? {} : { error }),
      ...(model === undefined ? {} : { model }),
    };
    const dataSourceId = reply.dataSourceId ?? said.dataSourceId;
    await this.unitOfWork.run(async ({ manager, record }) => {
      // In the order in which a turn begins, so that the two never wait for each other.
      const found = await manager.findOne(Conversation, {
        where: { id: conversation.id },
        lock: { mode: 'pessimistic_write' },
      });
      if (found === null) return;
      const { affected } = await manager.update(
        ConversationMessage,
        { id, status: 'in_progress' },
        {
          messageMeta,
          messageText: text,
          status: kind === 'failure' ? 'failed' : 'complete',
          sourceIds: [...new Set([...passages, ...definitions].map(({ documentId }) => documentId))],
          leaseUntil: null,
          tokenCount: tokens,
          queryId,
          dataSourceId,
        },
      );
      if (affected !== 1) return;
      await manager.update(ConversationMessage, { id: said.id }, { dataSourceId });
      await manager.update(
        Conversation,
        { id: conversation.id },
        {
          sessionState: { open },
          lastMessageAt: new Date(),
          dataSourceId: found.dataSourceId ?? dataSourceId,
          ...(found.title === null && title !== undefined ? { title: shortened(title) } : {}),
        },
      );
      record({
        action: 'conversation_message.replied',
        objectId: id,
        details: { conversation_id: conversation.id, kind, query_id: queryId },
      });
    });
  }

  /** Says of turns that the process at work on them lives. */
  async renew(replyIds: readonly number[]): Promise<void> {
    if (replyIds.length === 0) return;
    await this.messages.query(
      `UPDATE conversation_messages SET lease_until = $2 WHERE id = ANY($1) AND status = 'in_progress'`,
      [replyIds, new Date(Date.now() + LEASE_MS)],
    );
  }

  /**
   * Ends turns whose process has died, with words that say so.
   *
   * @param atWork replies that this process is at work on
   * @param alone whether there is no other process
   */
  async endInterrupted(atWork: readonly number[], alone: boolean): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const [ended]: [{ id: number; conversation_id: number }[], number] = await manager.query(INTERRUPT, [
        atWork,
        alone,
        INTERRUPTED.detail,
        JSON.stringify({ kind: 'failure', error: INTERRUPTED }),
      ]);
      for (const { id, conversation_id } of ended) {
        record({ action: 'conversation_message.interrupted', objectId: id, details: { conversation_id } });
      }
    });
  }
}

const INTERRUPTED = {
  code: 'query_interrupted',
  detail: 'The server stopped before this was answered. Say it again.',
};

const INTERRUPT = `
  UPDATE conversation_messages
  SET status = 'failed', lease_until = NULL, message_text = $3, message_meta = $4::jsonb
  WHERE status = 'in_progress' AND id <> ALL($1::integer[]) AND ($2::boolean OR lease_until < now())
  RETURNING id, conversation_id`;

function add(manager: EntityManager, message: Partial<ConversationMessage>): Promise<ConversationMessage> {
  return manager.save(ConversationMessage, manager.create(ConversationMessage, message));
}

function busy(): DomainError {
  return new DomainError(
    'conversation_busy',
    'The last message of this conversation is still being answered. Wait for its end.',
    {
      retryAfterSeconds: 1,
    },
  );
}

/** Up to the last whole word. */
function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 1).replace(/\s+\S*$/, '')}…`;
}
