import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConversationMemory } from './entities/conversation-memory.entity.js';
import { ConversationMessage } from './entities/conversation-message.entity.js';
import { Conversation } from './entities/conversation.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([ConversationMemory, ConversationMessage, Conversation])] })
export class ConversationsModule {}
