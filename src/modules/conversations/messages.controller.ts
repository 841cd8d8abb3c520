import { Body, Controller, Get, Headers, Post, Query as QueryParams, Res, type StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiExtraModels, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  ApiEventStream,
  abortOnDisconnect,
  ApiId,
  ApiProblems,
  IdParam,
  idempotencyKeyOf,
} from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import {
  DoneEventDto,
  InterpretationEventDto,
  MessageEventDto,
  RunningEventDto,
  TextEventDto,
} from './dto/events.dto.js';
import { MessageListQuery, MessagePageDto, ReplyDto, SayDto, SayQuery } from './dto/message.dto.js';
import { MessagesService } from './messages.service.js';
import { TurnEvents } from './turn-events.js';
import { Turns } from './turns.js';

const EVENTS =
  '`message` (`MessageEvent`), where a query answers it `interpretation` (`InterpretationEvent`) and, while it runs, `running` ' +
  '(`RunningEvent`), where a model writes `text` (`TextEvent`) for every sentence, then `answer` (`Reply`), and `done` (`DoneEvent`), which is the last.';

@ApiTags('Conversations')
@ApiExtraModels(MessageEventDto, InterpretationEventDto, RunningEventDto, TextEventDto, DoneEventDto)
@Controller('conversations/:id/messages')
export class MessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly turns: Turns,
    private readonly events: TurnEvents,
  ) {}

  /** What has been said, the oldest first. */
  @Get()
  @ApiId()
  @RequirePermission('conversations:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(
    @IdParam() id: number,
    @QueryParams() page: MessageListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<MessagePageDto> {
    return MessagePageDto.from(await this.messages.list(id, page, caller));
  }

  /** Say something and get the reply, with `Accept: text/event-stream` in events. Takes `queries:write` as well. */
  @Post()
  @ApiId()
  @RequirePermission('conversations:write')
  @ApiCreatedResponse({
    type: ReplyDto,
    description: 'The reply; with `Accept: text/event-stream` its events, with 200.',
  })
  @ApiAcceptedResponse({ type: ReplyDto, description: 'Still in progress; see `Location`.' })
  @ApiProblems('not_found', 'conversation_busy', 'validation_failed')
  async say(
    @IdParam() id: number,
    @Body() said: SayDto,
    @QueryParams() { wait }: SayQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<ReplyDto | StreamableFile | undefined> {
    const { id: replyId } = await this.turns.begin(id, said, caller, idempotencyKeyOf(reply.request));
    reply.header('location', `/api/v1/conversations/${id}/messages/${replyId}`);
    if (accept?.includes('text/event-stream') === true) return this.stream(id, replyId, '', reply, caller);
    const gone = abortOnDisconnect(reply);
    await this.turns.wait(replyId, wait * 1000);
    const told = await this.messages.show(id, replyId, caller, gone);
    reply.status(told.status === 'in_progress' ? 202 : 201);
    return told;
  }

  /** One message, a reply with the query behind it. */
  @Get(':message_id')
  @ApiId()
  @ApiId('message_id', 'The id of the message.')
  @RequirePermission('conversations:read')
  @ApiProblems('not_found')
  async get(
    @IdParam() id: number,
    @IdParam('message_id') messageId: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<ReplyDto> {
    return this.messages.show(id, messageId, caller, abortOnDisconnect(reply));
  }

  /** Follow how a reply comes about, as server-sent events, from the beginning or from where you were. */
  @Get(':message_id/events')
  @ApiId()
  @ApiId('message_id', 'The id of the reply.')
  @RequirePermission('conversations:read')
  @ApiEventStream(EVENTS, '`done`')
  async follow(
    @IdParam() id: number,
    @IdParam('message_id') messageId: number,
    @Headers('last-event-id') lastId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<StreamableFile | undefined> {
    return this.stream(id, messageId, lastId ?? '', reply, caller);
  }

  private async stream(
    id: number,
    replyId: number,
    lastId: string,
    reply: FastifyReply,
    caller: Principal,
  ): Promise<StreamableFile | undefined> {
    const stream = await this.events.follow(id, replyId, lastId, caller, reply);
    reply.status(stream === null ? 204 : 200);
    return stream?.answer;
  }
}
