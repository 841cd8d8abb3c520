import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { AccessRulesService } from './access-rules.service.js';
import { AccessRulesDto } from './dto/access-rules.dto.js';

@ApiTags('Data sources')
@Controller('data-sources/:id/rules')
export class AccessRulesController {
  constructor(private readonly rules: AccessRulesService) {}

  /** Which rows and values people of certain roles may see. */
  @Get()
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems('not_found')
  async list(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<AccessRulesDto> {
    return { rules: await this.rules.list(id, caller) };
  }

  /** Replace all rules; they hold from the next statement on, in questions and in SQL alike. */
  @Put()
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems('not_found', 'validation_failed')
  async replace(
    @IdParam() id: number,
    @Body() { rules }: AccessRulesDto,
    @CurrentUser() caller: Principal,
  ): Promise<AccessRulesDto> {
    return { rules: await this.rules.replace(id, rules, caller) };
  }
}
