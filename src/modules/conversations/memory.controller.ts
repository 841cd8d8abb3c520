import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query as QueryParams } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ChangeMemoryDto, MemoryDto, MemoryPageDto, NewMemoryDto } from './dto/memory.dto.js';
import { MemoriesService } from './memories.service.js';

@ApiTags('Conversations')
@Controller('conversations/:id/memory')
export class MemoryController {
  constructor(private readonly memories: MemoriesService) {}

  /** What a conversation keeps in mind, and what each of it does; the newest first. */
  @Get()
  @ApiId()
  @RequirePermission('conversations:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(
    @IdParam() id: number,
    @QueryParams() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<MemoryPageDto> {
    return MemoryPageDto.from(await this.memories.list(id, page, caller));
  }

  /** Have something kept in mind. */
  @Post()
  @ApiId()
  @RequirePermission('conversations:write')
  @ApiProblems('not_found', 'conflict', 'validation_failed')
  async create(
    @IdParam() id: number,
    @Body() given: NewMemoryDto,
    @CurrentUser() caller: Principal,
  ): Promise<MemoryDto> {
    return MemoryDto.from(await this.memories.create(id, given, caller));
  }

  /** Change what is kept under a key. */
  @Patch(':memory_id')
  @ApiId()
  @ApiId('memory_id', 'The id of what is kept.')
  @RequirePermission('conversations:write')
  @ApiProblems('not_found', 'validation_failed')
  async change(
    @IdParam() id: number,
    @IdParam('memory_id') memoryId: number,
    @Body() wanted: ChangeMemoryDto,
    @CurrentUser() caller: Principal,
  ): Promise<MemoryDto> {
    return MemoryDto.from(await this.memories.change(id, memoryId, wanted, caller));
  }

  /** Have one thing forgotten. */
  @Delete(':memory_id')
  @HttpCode(204)
  @ApiId()
  @ApiId('memory_id', 'The id of what is kept.')
  @RequirePermission('conversations:write')
  @ApiNoContentResponse({ description: 'Forgotten.' })
  @ApiProblems('not_found')
  async remove(
    @IdParam() id: number,
    @IdParam('memory_id') memoryId: number,
    @CurrentUser() caller: Principal,
  ): Promise<void> {
    await this.memories.remove(id, memoryId, caller);
  }

  /** Have everything forgotten. */
  @Delete()
  @HttpCode(204)
  @ApiId()
  @RequirePermission('conversations:write')
  @ApiNoContentResponse({ description: 'Forgotten.' })
  @ApiProblems('not_found')
  async clear(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.memories.clear(id, caller);
  }
}
