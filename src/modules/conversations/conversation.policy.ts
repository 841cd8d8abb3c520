import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { isForKey } from '../data-sources/index.js';
import type { Conversation } from './entities/conversation.entity.js';

/**
 * Who may see which conversation: the person whose it is. Their API key for certain sources sees those in which nothing but
 * these has been talked about.
 */
@Injectable()
export class ConversationPolicy {
  restrict(conversations: SelectQueryBuilder<Conversation>, caller: Principal): SelectQueryBuilder<Conversation> {
    const { alias } = conversations;
    conversations.andWhere(`${alias}.userId = :callerId`, { callerId: caller.userId });
    if (caller.dataSourceIds === null) return conversations;
    return conversations
      .andWhere(isForKey(`${alias}.dataSourceId`), { allowedSourceIds: caller.dataSourceIds })
      .andWhere(
        `NOT EXISTS (
           SELECT FROM conversation_messages said
           WHERE said.conversation_id = ${alias}.id AND said.data_source_id IS NOT NULL AND NOT ${isForKey('said.data_source_id')})`,
      );
  }
}
