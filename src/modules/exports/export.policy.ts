import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { QueriesService } from '../queries/index.js';
import type { Export } from './entities/export.entity.js';

/** Who may see which export: whoever it was made for, and their API key while it is for what the export is of. */
@Injectable()
export class ExportPolicy {
  constructor(private readonly queries: QueriesService) {}

  restrict(exports: SelectQueryBuilder<Export>, caller: Principal): SelectQueryBuilder<Export> {
    exports.andWhere(`${exports.alias}.userId = :ownerId`, { ownerId: caller.userId });
    if (caller.dataSourceIds === null) return exports;
    return this.queries.restrictTo(exports, `${exports.alias}.queryId`, caller);
  }
}
