import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../platform/http/index.js';
import { RequirePermission } from '../../platform/security/index.js';
import { AuditTrailsService } from './audit-trails.service.js';
import { AuditVerification, parseChainEnd } from './audit-verification.service.js';
import {
  AuditTrailDto,
  AuditTrailPageDto,
  AuditTrailQuery,
  AuditVerdictDto,
  VerifyAuditQuery,
} from './dto/audit-trail.dto.js';

@ApiTags('Administration')
@Controller('audit-trails')
export class AuditTrailsController {
  constructor(
    private readonly trails: AuditTrailsService,
    private readonly verification: AuditVerification,
  ) {}

  /** Who did what, newest first: every change, and every access to data. */
  @Get()
  @RequirePermission('audit:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: AuditTrailQuery): Promise<AuditTrailPageDto> {
    const { items, nextCursor, total } = await this.trails.list(wanted);
    return {
      items: items.map((row) => AuditTrailDto.from(row)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** Whether the trail is as it was written: finds rows that were changed, removed or inserted. */
  @Get('verify')
  @RequirePermission('audit:read')
  @ApiProblems('validation_failed')
  async verify(@Query() { noted }: VerifyAuditQuery): Promise<AuditVerdictDto> {
    return AuditVerdictDto.from(await this.verification.verify(noted === undefined ? undefined : parseChainEnd(noted)));
  }
}
