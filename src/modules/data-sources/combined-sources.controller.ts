import { Body, Controller, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { CombinedSourcesService } from './combined-sources.service.js';
import { DataSourcesService } from './data-sources.service.js';
import { CombinedPartsDto } from './dto/combined-source.dto.js';
import { DataSourceDto } from './dto/data-source.dto.js';

@ApiTags('Data sources')
@Controller('data-sources/:id/tables')
export class CombinedSourcesController {
  constructor(
    private readonly combined: CombinedSourcesService,
    private readonly sources: DataSourcesService,
  ) {}

  /** Choose the tables of a combined data source anew. What was said of tables that stay is kept. */
  @Put()
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems('not_found', 'conflict', 'validation_failed')
  async replace(
    @IdParam() id: number,
    @Body() { tables }: CombinedPartsDto,
    @CurrentUser() caller: Principal,
  ): Promise<DataSourceDto> {
    return this.sources.describe(await this.combined.replaceTables(id, tables, caller), caller);
  }
}
