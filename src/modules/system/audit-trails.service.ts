import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuditLog } from '../../platform/audit/index.js';
import { type Page, paginate } from '../../platform/database/index.js';
import type { AuditTrailQuery } from './dto/audit-trail.dto.js';
import { AuditTrail } from './entities/audit-trail.entity.js';

/** Reading the audit trail. */
@Injectable()
export class AuditTrailsService {
  constructor(
    @InjectRepository(AuditTrail) private readonly trail: Repository<AuditTrail>,
    private readonly audit: AuditLog,
  ) {}

  /** Newest first. That somebody looked is recorded, and so is on the page after. */
  async list({ limit, cursor, include_total, from, to, ...wanted }: AuditTrailQuery): Promise<Page<AuditTrail>> {
    const rows = this.trail.createQueryBuilder('row');
    const { user_id: userId, object_type: objectType, object_id: objectId, action, actor } = wanted;
    for (const [field, value] of Object.entries({ userId, objectType, objectId, action, actor })) {
      if (value !== undefined) rows.andWhere(`row.${field} = :${field}`, { [field]: value });
    }
    if (from !== undefined) rows.andWhere('row.createdAt >= :from', { from });
    if (to !== undefined) rows.andWhere('row.createdAt < :to', { to });
    const page = await paginate(rows, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(include_total === undefined ? {} : { include_total }),
    });
    await this.audit.record({ action: 'audit_trail.read', objectId: null, details: { ...wanted, from, to } });
    return page;
  }
}
