import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeyDto, ApiKeyPageDto, CreateApiKeyDto, NewApiKeyDto } from './dto/api-key.dto.js';

@ApiTags('API keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  /** Make an API key; the answer is the only place where it is shown. */
  @Post()
  @RequirePermission('api_keys:manage')
  @ApiProblems('validation_failed')
  async create(@Body() request: CreateApiKeyDto, @CurrentUser() caller: Principal): Promise<NewApiKeyDto> {
    const { key, apiKey } = await this.keys.create(request, caller);
    return { ...ApiKeyDto.from(apiKey), key };
  }

  /** Your API keys, newest first, without the keys themselves. */
  @Get()
  @RequirePermission('api_keys:manage')
  @ApiProblems('validation_failed')
  async list(@Query() page: PageQuery, @CurrentUser() caller: Principal): Promise<ApiKeyPageDto> {
    const { items, nextCursor, total } = await this.keys.list(caller, page);
    return {
      items: items.map((key) => ApiKeyDto.from(key)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** Revoke an API key; it ends at once. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('api_keys:manage')
  @ApiNoContentResponse({ description: 'Revoked.' })
  @ApiProblems('not_found')
  async revoke(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.keys.revoke(id, caller);
  }
}
