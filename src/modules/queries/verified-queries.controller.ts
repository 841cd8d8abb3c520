import { Body, Controller, Delete, Get, HttpCode, Post, Query as QueryParams } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import {
  VerifiedQueryDto,
  VerifiedQueryListQuery,
  VerifiedQueryPageDto,
  VerifyQueryDto,
} from './dto/verified-query.dto.js';
import { VerifiedQueriesService } from './verified-queries.service.js';

@ApiTags('Queries')
@Controller('verified-queries')
export class VerifiedQueriesController {
  constructor(private readonly verified: VerifiedQueriesService) {}

  /** The verified queries of the data sources that you may see, newest first. */
  @Get()
  @RequirePermission('queries:read')
  @ApiProblems('validation_failed')
  async list(
    @QueryParams() page: VerifiedQueryListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<VerifiedQueryPageDto> {
    return VerifiedQueryPageDto.from(await this.verified.list(page, caller));
  }

  /** Make a query of yours a verified one: whoever asks the same question gets its SQL, under their own access rules. */
  @Post()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'conflict', 'validation_failed')
  @ApiProblems('sql_invalid', 'sql_not_read_only', 'sql_multiple_statements', 'sql_function_not_allowed')
  @ApiProblems('sql_table_not_allowed', 'sql_construct_not_allowed', 'sql_too_large')
  async create(@Body() request: VerifyQueryDto, @CurrentUser() caller: Principal): Promise<VerifiedQueryDto> {
    return VerifiedQueryDto.from(await this.verified.create(request, caller));
  }

  /** Take it back: the question is read anew from then on. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.verified.remove(id, caller);
  }
}
