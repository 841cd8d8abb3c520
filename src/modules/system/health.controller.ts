import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../platform/http/index.js';
import { Public } from '../../platform/security/index.js';
import { HealthDto, ReadinessDto } from './dto/health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('Health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** The process is up. */
  @Get()
  @Public()
  live(): HealthDto {
    return { status: 'ok' };
  }

  /** The process can do its work: database and storage answer. */
  @Get('ready')
  @Public()
  @ApiProblems('not_ready')
  async ready(): Promise<ReadinessDto> {
    return { status: 'ok', checks: await this.health.check() };
  }
}
