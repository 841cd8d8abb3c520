import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { ConversationsService } from './conversations.service.js';
import type { BranchDto } from './dto/conversation.dto.js';
import { ConversationMessage } from './entities/conversation-message.entity.js';
import { Conversation } from './entities/conversation.entity.js';
import { CONTEXT_KEY } from './memory-kinds.js';
import { MessagesService } from './messages.service.js';

/** Going on from an earlier point of a conversation, beside it. */
@Injectable()
export class BranchesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly conversations: ConversationsService,
    private readonly messages: MessagesService,
  ) {}

  /**
   * A new conversation with what was said up to a message and its reply, and what was kept in mind. Its next question goes on
   * from the last answer that it has.
   *
   * @throws DomainError `not_found`, for the message too; `conversation_busy` when that message is still being answered
   */
  async branch(id: number, { message_id: messageId, title }: BranchDto, caller: Principal): Promise<Conversation> {
    const { title: named } = await this.conversations.get(id, caller);
    await this.messages.find(id, messageId, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const end = await endOfTurn(manager, id, messageId);
      const [made]: { id: number }[] = await manager.query(BRANCH, [
        id,
        end.id,
        title?.trim() ?? named,
        JSON.stringify(end.messageMeta.open ?? null),
      ]);
      if (made === undefined) throw notFound('conversation');
      const { id: branchId } = made;
      const replies: unknown[] = await manager.query(COPY_MESSAGES, [id, branchId, end.id]);
      await manager.query(LINK, [JSON.stringify(replies)]);
      await manager.query(COPY_MEMORY, [id, branchId]);
      await manager.query(CONTEXT, [branchId]);
      record({ action: 'conversation.branched', objectId: branchId, details: { from: id, message_id: end.id } });
      return manager.findOneByOrFail(Conversation, { id: branchId });
    });
  }
}

/** The reply to a message, or the message itself where it is one. */
async function endOfTurn(
  manager: EntityManager,
  conversationId: number,
  messageId: number,
): Promise<ConversationMessage> {
  const reply = await manager.findOneBy(ConversationMessage, { conversationId, replyToId: messageId });
  const end = reply ?? (await manager.findOneBy(ConversationMessage, { id: messageId }));
  // Deleted at this very moment.
  if (end === null) throw notFound('message');
  if (end.status !== 'in_progress') return end;
  throw new DomainError('conversation_busy', 'This message is still being answered. Branch off when it has been.', {
    retryAfterSeconds: 1,
  });
}

const BRANCH = `
  INSERT INTO conversations (user_id, data_source_id, title, language, session_state, parent_id, branched_from_id)
  SELECT user_id, coalesce((SELECT data_source_id FROM conversation_messages WHERE id = $2), data_source_id), $3::varchar, language,
         jsonb_build_object('open', $4::jsonb), id, $2::integer
  FROM conversations WHERE id = $1
  RETURNING id`;

/** Ids are given in the order of the copied messages, so a reply follows what it replies to. */
const COPY_MESSAGES = `
  WITH copied AS (
    INSERT INTO conversation_messages
      (conversation_id, sender, role, message_text, message_meta, token_count, source_ids, query_id, data_source_id, status, created_at)
    SELECT $2::integer, sender, role, message_text, message_meta, token_count, source_ids, query_id, data_source_id, status, created_at
    FROM conversation_messages WHERE conversation_id = $1 AND id <= $3 ORDER BY id
    RETURNING id
  ), originals AS (
    SELECT id, reply_to_id, row_number() OVER (ORDER BY id) AS nth
    FROM conversation_messages WHERE conversation_id = $1 AND id <= $3
  ), copies AS (
    SELECT id, row_number() OVER (ORDER BY id) AS nth FROM copied
  )
  SELECT reply.id AS id, said.id AS reply_to_id
  FROM originals replied JOIN originals original ON original.id = replied.reply_to_id
  JOIN copies reply ON reply.nth = replied.nth JOIN copies said ON said.nth = original.nth`;

const LINK = `
  UPDATE conversation_messages SET reply_to_id = pair.reply_to_id
  FROM jsonb_to_recordset($1::jsonb) AS pair (id integer, reply_to_id integer)
  WHERE conversation_messages.id = pair.id`;

const COPY_MEMORY = `
  INSERT INTO conversation_memory (conversation_id, memory_type, key, value, relevance_score)
  SELECT $2::integer, memory_type, key, value, relevance_score
  FROM conversation_memory WHERE conversation_id = $1 AND memory_type <> 'short_term' ORDER BY id`;

/** The last answer that it has. */
const CONTEXT = `
  INSERT INTO conversation_memory (conversation_id, memory_type, key, value)
  SELECT said.conversation_id, 'short_term', '${CONTEXT_KEY}', jsonb_build_object('query_id', query.id)
  FROM conversation_messages said JOIN queries query ON query.id = said.query_id
  WHERE said.conversation_id = $1 AND query.status = 'succeeded' AND query.state IS NOT NULL
  ORDER BY said.id DESC LIMIT 1`;
