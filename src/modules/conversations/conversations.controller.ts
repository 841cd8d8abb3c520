import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query as QueryParams } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { BranchesService } from './branches.service.js';
import { ConversationRemovals } from './conversation-removals.js';
import { ConversationsService } from './conversations.service.js';
import {
  BranchDto,
  ChangeConversationDto,
  ConversationDto,
  ConversationListQuery,
  ConversationPageDto,
  DeletedConversationDto,
  NewConversationDto,
} from './dto/conversation.dto.js';

@ApiTags('Conversations')
@Controller('conversations')
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly removals: ConversationRemovals,
    private readonly branches: BranchesService,
  ) {}

  /** Begin a conversation. */
  @Post()
  @RequirePermission('conversations:write')
  @ApiProblems('not_found', 'validation_failed')
  async create(@Body() given: NewConversationDto, @CurrentUser() caller: Principal): Promise<ConversationDto> {
    return ConversationDto.from(await this.conversations.create(given, caller));
  }

  /** Your conversations, those first in which something has been said last. */
  @Get()
  @RequirePermission('conversations:read')
  @ApiProblems('validation_failed')
  async list(
    @QueryParams() wanted: ConversationListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<ConversationPageDto> {
    return ConversationPageDto.from(await this.conversations.list(caller, wanted));
  }

  /** One conversation; what has been said is at `/conversations/{id}/messages`. */
  @Get(':id')
  @ApiId()
  @RequirePermission('conversations:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<ConversationDto> {
    return ConversationDto.from(await this.conversations.get(id, caller));
  }

  /** Name it, say what its next questions are about, or put it away. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('conversations:write')
  @ApiProblems('not_found', 'validation_failed')
  async change(
    @IdParam() id: number,
    @Body() wanted: ChangeConversationDto,
    @CurrentUser() caller: Principal,
  ): Promise<ConversationDto> {
    return ConversationDto.from(await this.conversations.change(id, wanted, caller));
  }

  /** Delete it with its messages, its memory and the queries asked in it, but for those that something else stands on. */
  @Delete(':id')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('conversations:write')
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<DeletedConversationDto> {
    return this.removals.remove(id, caller);
  }

  /** Go on from an earlier message, in a new conversation that has all that was said until then. */
  @Post(':id/branches')
  @ApiId()
  @RequirePermission('conversations:write')
  @ApiProblems('not_found', 'conversation_busy', 'validation_failed')
  async branch(
    @IdParam() id: number,
    @Body() wanted: BranchDto,
    @CurrentUser() caller: Principal,
  ): Promise<ConversationDto> {
    return ConversationDto.from(await this.branches.branch(id, wanted, caller));
  }
}
