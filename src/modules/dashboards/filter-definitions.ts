import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { filterChoices } from '../queries/index.js';
import { checkDefinition, type FilterDefinition } from './dashboard-filters.js';
import { FilterDefinitionDto } from './dto/dashboard.dto.js';

/** What a dashboard can be filtered by, as its editors say. */
@Injectable()
export class FilterDefinitions {
  constructor(private readonly sources: DataSourcesService) {}

  /**
   * Only what is new is looked at: who edits a dashboard need not have all the data sources that it shows.
   *
   * @throws DomainError `not_found` for a source that the caller may not use; `validation_failed` for a name that is given twice, a
   *   column that cannot be filtered by, or a kind or preset that does not fit it
   */
  async check(
    given: readonly FilterDefinitionDto[],
    known: readonly FilterDefinition[],
    caller: Principal,
  ): Promise<FilterDefinition[]> {
    const definitions = given.map((one) => FilterDefinitionDto.toDefinition(one));
    if (new Set(definitions.map(({ name }) => name)).size < definitions.length) throw namedTwice();
    for (const definition of definitions) {
      if (known.some((one) => isDeepStrictEqual(one, definition))) continue;
      const opened = await this.sources.open(definition.dataSourceId, caller, 'use');
      checkDefinition(definition, filterChoices(opened, definition));
    }
    return definitions;
  }
}

function namedTwice(): DomainError {
  return new DomainError('validation_failed', 'Give every filter a name of its own.', {
    errors: [{ field: 'filters', message: 'has a name twice' }],
  });
}
