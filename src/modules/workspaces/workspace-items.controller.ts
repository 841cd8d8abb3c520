import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ItemDto, ItemListQuery, ItemPageDto, MoveItemDto, NewItemDto } from './dto/item.dto.js';
import { WorkspaceItemsService } from './workspace-items.service.js';

@ApiTags('Workspaces')
@Controller('workspaces/:id/items')
export class WorkspaceItemsController {
  constructor(private readonly items: WorkspaceItemsService) {}

  /** What lies in the workspace, in its order. */
  @Get()
  @ApiId()
  @RequirePermission('workspaces:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(
    @IdParam() id: number,
    @Query() wanted: ItemListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<ItemPageDto> {
    return ItemPageDto.from(await this.items.list(id, wanted, caller));
  }

  /** Put something of yours into it: from then on the members have it as well, as far as they may in this workspace. */
  @Post()
  @ApiId()
  @RequirePermission('workspaces:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'validation_failed')
  async add(@IdParam() id: number, @Body() given: NewItemDto, @CurrentUser() caller: Principal): Promise<ItemDto> {
    return ItemDto.from(await this.items.add(id, given, caller));
  }

  /** Move it to another place. */
  @Patch(':item')
  @ApiId()
  @ApiId('item', 'The id of its place in the workspace.')
  @RequirePermission('workspaces:write')
  @ApiProblems('not_found', 'forbidden', 'validation_failed')
  async move(
    @IdParam() id: number,
    @IdParam('item') item: number,
    @Body() given: MoveItemDto,
    @CurrentUser() caller: Principal,
  ): Promise<ItemDto> {
    return ItemDto.from(await this.items.move(id, item, given, caller));
  }

  /** Take it out of the workspace; the thing itself stays. */
  @Delete(':item')
  @HttpCode(204)
  @ApiId()
  @ApiId('item', 'The id of its place in the workspace.')
  @RequirePermission('workspaces:write')
  @ApiNoContentResponse({ description: 'Not in the workspace any more.' })
  @ApiProblems('not_found', 'forbidden')
  async remove(@IdParam() id: number, @IdParam('item') item: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.items.remove(id, item, caller);
  }
}
