import { Body, Controller, HttpCode, Post, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { CombinedSourcesService } from './combined-sources.service.js';
import { DataSourcesService } from './data-sources.service.js';
import { DataSourceDto } from './dto/data-source.dto.js';
import { ApiNewSource } from './dto/new-source.openapi.js';
import { SchemaDriftDto, UpdateConnectionDto } from './dto/remote-source.dto.js';
import { type NewSource, NewSourcePipe } from './new-source.pipe.js';
import { RemoteSourcesService } from './remote-sources.service.js';

@ApiTags('Data sources')
@Controller('data-sources')
export class RemoteSourcesController {
  constructor(
    private readonly remote: RemoteSourcesService,
    private readonly combined: CombinedSourcesService,
    private readonly sources: DataSourcesService,
  ) {}

  /** Connect a database, which is tried before anything is stored, or combine tables of data sources that are there. */
  @Post()
  @ApiNewSource()
  @RequirePermission('data_sources:write')
  @ApiProblems('validation_failed', 'conflict', 'forbidden', 'source_unreachable', 'source_refused', 'source_timeout')
  @ApiProblems('source_address_not_allowed', 'source_tls_failed', 'source_option_not_allowed', 'overloaded')
  async create(
    @Body(new NewSourcePipe()) request: NewSource,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<DataSourceDto> {
    const signal = abortOnDisconnect(reply);
    const source =
      request.type === 'combined'
        ? await this.combined.create(request, caller)
        : await this.remote.create(request, caller, signal);
    return this.sources.describe(source, caller);
  }

  /** Change where a database is, or how to sign in there. */
  @Put(':id/connection')
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems(
    'not_found',
    'validation_failed',
    'conflict',
    'credential_unreadable',
    'source_unreachable',
    'source_refused',
    'source_timeout',
  )
  @ApiProblems('source_address_not_allowed', 'source_tls_failed', 'source_option_not_allowed', 'overloaded')
  async reconnect(
    @IdParam() id: number,
    @Body() change: UpdateConnectionDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<DataSourceDto> {
    return this.sources.describe(await this.remote.reconnect(id, change, caller, abortOnDisconnect(reply)), caller);
  }

  /** Read the schema of a database again, and say what has changed in it. */
  @Post(':id/refresh')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems('not_found', 'source_unreachable', 'source_refused', 'source_timeout', 'source_address_not_allowed')
  @ApiProblems('credential_unreadable', 'conflict', 'overloaded', 'source_unavailable')
  async refresh(
    @IdParam() id: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<SchemaDriftDto> {
    return SchemaDriftDto.from(await this.remote.refresh(id, caller, abortOnDisconnect(reply)));
  }
}
