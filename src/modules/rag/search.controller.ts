import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { RetrievalSessionDetailDto, RetrievalSessionPageDto, SearchAnswerDto, SearchDto } from './dto/search.dto.js';
import { RetrievalSessionsService } from './retrieval-sessions.service.js';
import { SearchService } from './search.service.js';

@ApiTags('Documents')
@Controller('rag')
export class SearchController {
  constructor(
    private readonly searching: SearchService,
    private readonly records: RetrievalSessionsService,
  ) {}

  /** Find the passages that say something about it, in the documents that you may see. */
  @Post('search')
  @HttpCode(200)
  @RequirePermission('documents:read')
  @ApiProblems('validation_failed')
  async search(@Body() request: SearchDto, @CurrentUser() caller: Principal): Promise<SearchAnswerDto> {
    const { session, items } = await this.searching.search(request, caller);
    return { items, retrieval_session_id: session.id };
  }

  /** Your searches and which documents they found, newest first. */
  @Get('retrieval-sessions')
  @RequirePermission('documents:read')
  @ApiProblems('validation_failed')
  async sessions(@Query() page: PageQuery, @CurrentUser() caller: Principal): Promise<RetrievalSessionPageDto> {
    return RetrievalSessionPageDto.from(await this.records.list(page, caller));
  }

  /** One of your searches, with the passages that it found and, while you may see them, their words. */
  @Get('retrieval-sessions/:id')
  @ApiId()
  @RequirePermission('documents:read')
  @ApiProblems('not_found')
  async session(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<RetrievalSessionDetailDto> {
    return this.records.get(id, caller);
  }
}
