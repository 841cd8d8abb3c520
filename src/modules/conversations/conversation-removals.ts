import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { QueriesService } from '../queries/index.js';
import { RetrievalSessionsService } from '../rag/index.js';
import { ConversationsService } from './conversations.service.js';
import type { DeletedConversationDto } from './dto/conversation.dto.js';
import { ConversationMessage } from './entities/conversation-message.entity.js';
import { Conversation } from './entities/conversation.entity.js';
import { Turns } from './turns.js';

/** Deleting conversations, with what was asked in them. */
@Injectable()
export class ConversationRemovals {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly conversations: ConversationsService,
    private readonly turns: Turns,
    private readonly queries: QueriesService,
    private readonly searches: RetrievalSessionsService,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * Deletes messages, memory, the records of searches, and the queries that were asked with their results; what something else
   * stands on stays. A turn in progress is ended first.
   *
   * @throws DomainError `not_found`
   */
  async remove(id: number, caller: Principal): Promise<DeletedConversationDto> {
    await this.conversations.get(id, caller);
    await this.turns.stop(id);
    const { removed, kept, locations } = await this.unitOfWork.run(async (change) => {
      const { manager, record } = change;
      const found = await manager.findOne(Conversation, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (found === null) throw notFound('conversation');
      const messages = await manager.find(ConversationMessage, {
        where: { conversationId: id, queryId: Not(IsNull()) },
        select: { id: true, queryId: true },
      });
      await manager.delete(ConversationMessage, { conversationId: id });
      await this.searches.forget(id, manager);
      const mentioned = messages.flatMap(({ queryId }) => queryId ?? []);
      const outcome = await this.queries.removeAsked(id, mentioned, change);
      await manager.delete(Conversation, { id });
      record({
        action: 'conversation.deleted',
        objectId: id,
        details: { deleted_queries: outcome.removed, kept_queries: outcome.kept },
      });
      return outcome;
    });
    for (const location of locations) await this.storage.remove(location);
    return { deleted_query_ids: removed.toSorted((a, b) => a - b), kept_query_ids: kept };
  }
}
