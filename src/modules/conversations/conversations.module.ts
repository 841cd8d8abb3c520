import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/index.js';
import { AgentsModule } from '../agents/index.js';
import { QueriesModule } from '../queries/index.js';
import { RagModule } from '../rag/index.js';
import { BranchesService } from './branches.service.js';
import { ConversationRemovals } from './conversation-removals.js';
import { ConversationPolicy } from './conversation.policy.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsService } from './conversations.service.js';
import { Dialogue } from './dialogue.js';
import { DocumentDefinitions } from './document-definitions.js';
import { DocumentHints } from './document-hints.js';
import { ConversationMemory } from './entities/conversation-memory.entity.js';
import { ConversationMessage } from './entities/conversation-message.entity.js';
import { Conversation } from './entities/conversation.entity.js';
import { HelpReplies } from './help-replies.js';
import { MemoriesService } from './memories.service.js';
import { MemoryController } from './memory.controller.js';
import { MessagesController } from './messages.controller.js';
import { MessagesService } from './messages.service.js';
import { ModelReplies } from './model-replies.js';
import { QueryReplies } from './query-replies.js';
import { QuestionTurns } from './question-turns.js';
import { TurnEvents } from './turn-events.js';
import { TurnJournal } from './turn-journal.js';
import { Turns } from './turns.js';

@Module({
  imports: [
    DataSourcesModule,
    QueriesModule,
    RagModule,
    AgentsModule,
    TypeOrmModule.forFeature([ConversationMemory, ConversationMessage, Conversation]),
  ],
  controllers: [ConversationsController, MessagesController, MemoryController],
  providers: [
    ConversationPolicy,
    ConversationsService,
    ConversationRemovals,
    BranchesService,
    MemoriesService,
    MessagesService,
    TurnJournal,
    Turns,
    TurnEvents,
    Dialogue,
    HelpReplies,
    DocumentDefinitions,
    DocumentHints,
    QuestionTurns,
    QueryReplies,
    ModelReplies,
  ],
})
export class ConversationsModule {}
