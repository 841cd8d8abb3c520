import { Controller, Get, Headers, HttpCode, Post, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import { NotificationDto, NotificationListQuery, NotificationPageDto, ReadAllDto } from '../dto/notification.dto.js';
import { InboxService } from './inbox.service.js';
import { NotificationStreams } from './notification-streams.js';

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(
    private readonly inbox: InboxService,
    private readonly streams: NotificationStreams,
  ) {}

  /** What you have been told, newest first. */
  @Get()
  @RequirePermission('notifications:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: NotificationListQuery, @CurrentUser() caller: Principal): Promise<NotificationPageDto> {
    return NotificationPageDto.from(await this.inbox.list(wanted, caller));
  }

  /** What is new for you, as server-sent events, until you go away. */
  @Get('stream')
  @RequirePermission('notifications:read')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last notification that you have: those after it come first, 200 at most.',
  })
  @ApiOkResponse({
    description: '`notification` events, each with a `Notification`, whose id is that of the event.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiProblems('rate_limited', 'overloaded')
  async follow(
    @Headers('last-event-id') lastId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<StreamableFile> {
    return (await this.streams.follow(lastId, caller, reply)).answer;
  }

  /** You have read all of them. */
  @Post('read')
  @HttpCode(200)
  @RequirePermission('notifications:write')
  async readAll(@CurrentUser() caller: Principal): Promise<ReadAllDto> {
    return { read: await this.inbox.readAll(caller) };
  }

  @Get(':id')
  @ApiId()
  @RequirePermission('notifications:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<NotificationDto> {
    return NotificationDto.from(await this.inbox.get(id, caller));
  }

  /** You have read it. */
  @Post(':id/read')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('notifications:write')
  @ApiProblems('not_found')
  async read(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<NotificationDto> {
    return NotificationDto.from(await this.inbox.read(id, caller));
  }
}
