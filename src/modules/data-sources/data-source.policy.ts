import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/** Who may see which source: its owner. The rule is part of the query, so a stranger's source is simply not there. */
@Injectable()
export class DataSourcePolicy {
  restrict(query: SelectQueryBuilder<DataSourceEntity>, caller: Principal): SelectQueryBuilder<DataSourceEntity> {
    return query.andWhere(`${query.alias}.ownerId = :callerId`, { callerId: caller.userId });
  }
}
