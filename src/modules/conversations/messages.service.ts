import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuditLog } from '../../platform/audit/index.js';
import { type Page, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { QueriesService, QueryAnswers, type QueryDto } from '../queries/index.js';
import { KnownPassages } from '../rag/index.js';
import { toldDefinition } from './document-definitions.js';
import { ConversationsService } from './conversations.service.js';
import {
  type CitationDto,
  MessageDto,
  type MessageListQuery,
  type ReadAnew,
  type ReplyDto,
} from './dto/message.dto.js';
import { ConversationMessage } from './entities/conversation-message.entity.js';

/**
 * Messages as they are told. What a reply says of rows and documents is read anew every time, under what the caller may see
 * now, and recorded as the reading of the rows is.
 */
@Injectable()
export class MessagesService {
  constructor(
    @InjectRepository(ConversationMessage) private readonly messages: Repository<ConversationMessage>,
    private readonly conversations: ConversationsService,
    private readonly queries: QueriesService,
    private readonly answers: QueryAnswers,
    private readonly passages: KnownPassages,
    private readonly audit: AuditLog,
  ) {}

  /** @throws DomainError `not_found` for the conversation */
  async list(conversationId: number, page: MessageListQuery, caller: Principal): Promise<Page<MessageDto>> {
    await this.conversations.get(conversationId, caller);
    const found = await paginate(
      this.messages.createQueryBuilder('message').where('message.conversationId = :conversationId', { conversationId }),
      page,
      page.order === 'asc' ? 'ASC' : 'DESC',
    );
    const items = await this.tellAll(found.items, caller);
    const told = items.filter(({ kind, outdated }) => kind === 'answer' && !outdated).map(({ id }) => id);
    if (told.length > 0) {
      await this.audit.record({ action: 'conversation.read', objectId: conversationId, details: { messages: told } });
    }
    return { ...found, items };
  }

  /** @throws DomainError `not_found`, for the conversation too */
  async find(conversationId: number, id: number, caller: Principal): Promise<ConversationMessage> {
    await this.conversations.get(conversationId, caller);
    const message = await this.messages.findOneBy({ id, conversationId });
    if (message === null) throw notFound('message');
    return message;
  }

  /**
   * One message with all that is behind it.
   *
   * @throws DomainError `not_found`
   */
  async show(conversationId: number, id: number, caller: Principal, signal: AbortSignal): Promise<ReplyDto> {
    return this.showAll(await this.find(conversationId, id, caller), caller, signal);
  }

  async showAll(message: ConversationMessage, caller: Principal, signal: AbortSignal): Promise<ReplyDto> {
    const query = await this.queryOf(message, caller, signal);
    return { ...(await this.tell(message, caller)), query };
  }

  async tell(message: ConversationMessage, caller: Principal): Promise<MessageDto> {
    const [told] = await this.tellAll([message], caller);
    if (told === undefined) throw notFound('message');
    return told;
  }

  private async tellAll(messages: readonly ConversationMessage[], caller: Principal): Promise<MessageDto[]> {
    const anew = await this.readAnew(messages, caller);
    return messages.map((message) => MessageDto.from(message, anew(message)));
  }

  private async readAnew(
    messages: readonly ConversationMessage[],
    caller: Principal,
  ): Promise<(message: ConversationMessage) => ReadAnew> {
    const mayRead = caller.permissions.has('queries:read');
    const ids = mayRead ? messages.flatMap(({ queryId }) => queryId ?? []) : [];
    const sayings = await this.answers.sayings(ids, caller);
    const queries = new Map((await this.queries.getAll(ids, caller)).map((query) => [query.id, query]));
    const passages = new Map(
      messages
        .flatMap(({ messageMeta: { passages: quoted = [], definitions = [] } }) => [...quoted, ...definitions])
        .map((one) => [one.chunkId, one]),
    );
    const mayCite = caller.permissions.has('documents:read');
    const found = mayCite ? await this.passages.of([...passages.keys()], caller) : [];
    const citations = new Map(found.map((passage) => [passage.chunk_id, passage]));
    return ({ queryId, messageMeta: { kind, passages: pointed = [], definitions = [] } }) => {
      const query = queryId === null ? undefined : queries.get(queryId);
      const saying = kind === 'answer' && queryId !== null ? sayings.get(queryId) : undefined;
      const isOpen = kind === 'clarification' && query?.status === 'needs_clarification';
      return {
        sentence: saying?.sentence ?? null,
        outdated: saying?.outdated ?? false,
        clarification: isOpen ? query.clarification : null,
        citations: pointed.flatMap(({ chunkId }): CitationDto[] => {
          const passage = citations.get(chunkId);
          if (passage === undefined) return [];
          const { document_id, title, heading, text, start, end } = passage;
          return [{ document_id, title, heading, text, start, end }];
        }),
        definitions: definitions.flatMap((definition) => {
          const passage = citations.get(definition.chunkId);
          return (passage === undefined ? null : toldDefinition(definition, passage)) ?? [];
        }),
      };
    };
  }

  /** Null where there is none, or its rows may not be given out. */
  private async queryOf(
    { id, queryId, role, status }: ConversationMessage,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<QueryDto | null> {
    if (queryId === null || role === 'user' || !caller.permissions.has('queries:read')) return null;
    try {
      return await this.answers.read(queryId, caller, signal, { as: 'message', message_id: id, status });
    } catch (error) {
      // Removed since, or what the caller may see has changed since.
      if (error instanceof DomainError && ['not_found', 'result_outdated'].includes(error.code)) return null;
      throw error;
    }
  }
}
