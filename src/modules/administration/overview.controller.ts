import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../../platform/security/index.js';
import { OverviewDto } from './dto/overview.dto.js';
import { OverviewService } from './overview.service.js';

@ApiTags('Administration')
@Controller('admin/overview')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  /** Figures of the whole installation, and its growth by day. */
  @Get()
  @RequirePermission('system:read')
  async get(): Promise<OverviewDto> {
    return this.overview.read();
  }
}
