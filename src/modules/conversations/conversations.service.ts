import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, paginateByTime } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { ConversationPolicy } from './conversation.policy.js';
import type { ChangeConversationDto, ConversationListQuery, NewConversationDto } from './dto/conversation.dto.js';
import { Conversation } from './entities/conversation.entity.js';

const TOLD = ['title', 'dataSourceId', 'isActive'] as const;

/** Beginning, finding and naming conversations. */
@Injectable()
export class ConversationsService {
  constructor(
    @InjectRepository(Conversation) private readonly conversations: Repository<Conversation>,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ConversationPolicy,
    private readonly sources: DataSourcesService,
  ) {}

  /** @throws DomainError `not_found` for the source; `validation_failed` when a key for several sources names none */
  async create({ title, data_source_id: wanted }: NewConversationDto, caller: Principal): Promise<Conversation> {
    const dataSourceId = wanted ?? onlyOne(caller);
    if (dataSourceId !== null) await this.sources.get(dataSourceId, caller);
    const given = { userId: caller.userId, title: title?.trim() ?? null, dataSourceId };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const made = await manager.save(Conversation, manager.create(Conversation, given));
      record({ action: 'conversation.created', objectId: made.id, after: pick(made, TOLD) });
      return manager.findOneByOrFail(Conversation, { id: made.id });
    });
  }

  /** The caller's, those first in which something has been said last. Every page costs the same, however many there are. */
  async list(caller: Principal, wanted: ConversationListQuery): Promise<Page<Conversation>> {
    const { data_source_id: dataSourceId, archived = false, text } = wanted;
    const found = this.visible(caller).andWhere('conversation.isActive = :isActive', { isActive: !archived });
    if (dataSourceId !== undefined) found.andWhere('conversation.dataSourceId = :dataSourceId', { dataSourceId });
    if (text !== undefined) await this.narrowToWords(found, wordsIn(text), caller);
    return paginateByTime(found, wanted, 'lastMessageAt');
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Conversation> {
    const conversation = await this.visible(caller).andWhere('conversation.id = :id', { id }).getOne();
    if (conversation === null) throw notFound('conversation');
    return conversation;
  }

  /** @throws DomainError `not_found`, for the source too */
  async change(id: number, wanted: ChangeConversationDto, caller: Principal): Promise<Conversation> {
    await this.get(id, caller);
    const { title, data_source_id: dataSourceId, archived } = wanted;
    if (dataSourceId !== undefined) await this.sources.get(dataSourceId, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const conversation = await manager.findOne(Conversation, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (conversation === null) throw notFound('conversation');
      const was = { ...conversation };
      if (title !== undefined) conversation.title = title?.trim() ?? null;
      conversation.dataSourceId = dataSourceId ?? conversation.dataSourceId;
      conversation.isActive = archived === undefined ? conversation.isActive : !archived;
      const changed = difference(was, conversation, TOLD);
      if (changed === null) return conversation;
      await manager.save(conversation);
      record({ action: 'conversation.changed', objectId: id, ...changed });
      return conversation;
    });
  }

  /** Rare words are looked up by their index, frequent ones are met soon when the list is walked (as in the list of queries). */
  private async narrowToWords(
    found: SelectQueryBuilder<Conversation>,
    words: string,
    { userId }: Principal,
  ): Promise<void> {
    const rows: { id: number }[] = await this.conversations.query(
      `SELECT id FROM conversations titled WHERE user_id = $1 AND ${TITLE_WORDS} @@ to_tsquery('simple', $2)
       UNION
       SELECT conversation_id FROM conversation_messages said JOIN conversations own ON own.id = said.conversation_id
       WHERE own.user_id = $1 AND said.role = 'user' AND ${WORDS} @@ to_tsquery('simple', $2)
       LIMIT ${MOST_LOOKED_UP + 1}`,
      [userId, words],
    );
    if (rows.length <= MOST_LOOKED_UP) {
      found.andWhere('conversation.id = ANY(:found)', { found: rows.map(({ id }) => id) });
      return;
    }
    found.andWhere(
      `EXISTS (SELECT FROM conversations titled WHERE titled.id = conversation.id AND ${TITLE_WORDS} @@ to_tsquery('simple', :words)
               UNION ALL
               SELECT FROM conversation_messages said
               WHERE said.conversation_id = conversation.id AND said.role = 'user' AND ${WORDS} @@ to_tsquery('simple', :words))`,
      { words },
    );
  }

  private visible(caller: Principal): SelectQueryBuilder<Conversation> {
    return this.policy.restrict(this.conversations.createQueryBuilder('conversation'), caller);
  }
}

/** As `ix_conversations_words` and `ix_conversation_messages_words` have them. */
const TITLE_WORDS = `to_tsvector('simple', regexp_replace(coalesce(titled.title, ''), '[\\W_]+', ' ', 'g'))`;
const WORDS = `to_tsvector('simple', regexp_replace(left(said.message_text, 10000), '[\\W_]+', ' ', 'g'))`;

/** Conversations with certain words that are looked up; of words in more of them, a page is found by walking the list. */
const MOST_LOOKED_UP = 1000;

/** All of these words, whole. */
function wordsIn(text: string): string {
  return (text.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.toLowerCase()).join(' & ');
}

/** The source that a key is for; null for a caller who may touch any. */
function onlyOne({ dataSourceIds }: Principal): number | null {
  if (dataSourceIds === null) return null;
  const [only] = dataSourceIds;
  if (only !== undefined && dataSourceIds.length === 1) return only;
  throw new DomainError(
    'validation_failed',
    'This API key is for certain data sources. Say with data_source_id which one.',
    {
      errors: [{ field: 'data_source_id', message: 'must be one of the data sources of the key' }],
    },
  );
}
