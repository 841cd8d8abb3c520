import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { QueriesService } from '../queries/index.js';
import { ConversationsService } from './conversations.service.js';
import type { ChangeMemoryDto, NewMemoryDto } from './dto/memory.dto.js';
import { ConversationMemory } from './entities/conversation-memory.entity.js';
import { checkedMemory, type Memorable } from './memory-kinds.js';

const MOST_MEMORIES = 200;

/** What a conversation keeps in mind, as its owner reads, changes and deletes it. */
@Injectable()
export class MemoriesService {
  constructor(
    @InjectRepository(ConversationMemory) private readonly memories: Repository<ConversationMemory>,
    private readonly unitOfWork: UnitOfWork,
    private readonly conversations: ConversationsService,
    private readonly queries: QueriesService,
  ) {}

  /** @throws DomainError `not_found` */
  async list(conversationId: number, page: PageQuery, caller: Principal): Promise<Page<ConversationMemory>> {
    await this.conversations.get(conversationId, caller);
    return paginate(
      this.memories.createQueryBuilder('memory').where('memory.conversationId = :conversationId', { conversationId }),
      page,
    );
  }

  /** All of it, for the one who answers. */
  async of(conversationId: number): Promise<ConversationMemory[]> {
    return this.memories.find({ where: { conversationId }, order: { id: 'ASC' } });
  }

  /** @throws DomainError `not_found`, `validation_failed`, `conflict` when there is one with this key, or there are too many */
  async create(conversationId: number, given: NewMemoryDto, caller: Principal): Promise<ConversationMemory> {
    await this.conversations.get(conversationId, caller);
    const memory = await this.checked(given, conversationId, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      if ((await manager.countBy(ConversationMemory, { conversationId })) >= MOST_MEMORIES) throw tooMany();
      const { type: memoryType, key, value } = memory;
      const made = await manager
        .save(ConversationMemory, { conversationId, memoryType, key, value })
        .catch((error: unknown) => {
          throw isDuplicate(error) ? taken() : error;
        });
      const told = { conversation_id: conversationId, ...memory };
      record({ action: 'conversation_memory.created', objectId: made.id, after: told });
      return made;
    });
  }

  /** @throws DomainError `not_found`, `validation_failed` */
  async change(
    conversationId: number,
    id: number,
    { value }: ChangeMemoryDto,
    caller: Principal,
  ): Promise<ConversationMemory> {
    const { memoryType: type, key, value: before } = await this.get(conversationId, id, caller);
    const memory = await this.checked({ type, key, value }, conversationId, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const found = await manager.findOne(ConversationMemory, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (found === null) throw notFound('memory');
      found.value = memory.value;
      await manager.save(found);
      record({
        action: 'conversation_memory.changed',
        objectId: id,
        before: { value: before },
        after: { value: memory.value },
      });
      return found;
    });
  }

  /** @throws DomainError `not_found` */
  async remove(conversationId: number, id: number, caller: Principal): Promise<void> {
    const { key, value } = await this.get(conversationId, id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(ConversationMemory, { id });
      if (affected === 1) record({ action: 'conversation_memory.deleted', objectId: id, before: { key, value } });
    });
  }

  /**
   * Forgets all of it.
   *
   * @throws DomainError `not_found`
   */
  async clear(conversationId: number, caller: Principal): Promise<void> {
    await this.conversations.get(conversationId, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(ConversationMemory, { conversationId });
      record({
        action: 'conversation_memory.cleared',
        objectId: null,
        details: { conversation_id: conversationId, memories: affected ?? 0 },
      });
    });
  }

  /** Keeps something that was said, in the place of what was kept under the same key. */
  async keep(conversationId: number, { type, key, value }: Memorable): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const rows: { id: number }[] = await manager.query(KEEP, [conversationId, type, key, JSON.stringify(value)]);
      const [row] = rows;
      if (row === undefined) throw tooMany();
      const told = { conversation_id: conversationId, type, key, value };
      if (type !== 'short_term') record({ action: 'conversation_memory.kept', objectId: row.id, after: told });
    });
  }

  /** @returns whether there was something under the key */
  async forget(conversationId: number, key: string): Promise<boolean> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const found = await manager.findOneBy(ConversationMemory, { conversationId, key });
      if (found === null) return false;
      await manager.delete(ConversationMemory, { id: found.id });
      record({ action: 'conversation_memory.deleted', objectId: found.id, before: { key, value: found.value } });
      return true;
    });
  }

  private async get(conversationId: number, id: number, caller: Principal): Promise<ConversationMemory> {
    await this.conversations.get(conversationId, caller);
    const memory = await this.memories.findOneBy({ id, conversationId });
    if (memory === null) throw notFound('memory');
    return memory;
  }

  private async checked(given: Memorable, conversationId: number, caller: Principal): Promise<Memorable> {
    const memory = checkedMemory(given);
    const { query_id: queryId } = memory.value;
    if (typeof queryId !== 'number') return memory;
    const [query] = await this.queries.getAll([queryId], caller);
    if (query?.conversationId === conversationId && query.state !== null) return memory;
    throw new DomainError(
      'validation_failed',
      'A question can only go on from one that was asked in this conversation.',
      {
        errors: [{ field: 'value.query_id', message: 'must be a question of this conversation' }],
      },
    );
  }
}

const KEEP = `
  INSERT INTO conversation_memory (conversation_id, memory_type, key, value)
  SELECT $1::integer, $2::varchar, $3::varchar, $4::jsonb
  WHERE EXISTS (SELECT FROM conversation_memory WHERE conversation_id = $1 AND memory_type = $2 AND key = $3)
     OR (SELECT count(*) FROM conversation_memory WHERE conversation_id = $1) < ${MOST_MEMORIES}
  ON CONFLICT (conversation_id, memory_type, key) DO UPDATE SET value = excluded.value, updated_at = now()
  RETURNING id`;

function taken(): DomainError {
  return new DomainError('conflict', 'This is kept in mind already: change the one that is there.');
}

function tooMany(): DomainError {
  return new DomainError('conflict', `A conversation keeps up to ${MOST_MEMORIES} things in mind. Delete some first.`);
}
