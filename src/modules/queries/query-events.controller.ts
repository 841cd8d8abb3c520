import { Controller, Get, Headers, Res, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiEventStream, ApiId, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { QueryProgressEventDto, QueryStatusEventDto } from './dto/events.dto.js';
import { QueryEvents } from './query-events.js';

@ApiTags('Queries')
@ApiExtraModels(QueryStatusEventDto, QueryProgressEventDto)
@Controller('queries/:id')
export class QueryEventsController {
  constructor(private readonly events: QueryEvents) {}

  /** Follow a query while it waits and runs, as server-sent events. */
  @Get('events')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiEventStream(
    '`status` (`QueryStatusEvent`) when the query is somewhere else, `progress` (`QueryProgressEvent`) twice a second while ' +
      'it runs, and in the end `finished` (`QuerySummary`), which is all that a query tells that has ended.',
    '`finished`',
  )
  async follow(
    @IdParam() id: number,
    @Headers('last-event-id') lastId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<StreamableFile | undefined> {
    const stream = await this.events.follow(id, lastId ?? '', caller, reply);
    if (stream === null) reply.status(204);
    return stream?.answer;
  }
}
