import type { Catalog, Dialect } from '../../engine/catalog/catalog.js';
import type { ConnectionReport, Connector, RunRequest, RunSummary } from '../../engine/connectors/connector.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';
import type { SourceAvailability } from './source-availability.js';

/** The connector of a member of a combined source: whether it can be reached is taken note of for the member. */
export class WatchedConnector implements Connector {
  readonly dialect: Dialect;

  constructor(
    private readonly source: DataSourceEntity,
    private readonly inner: Connector,
    private readonly availability: SourceAvailability,
  ) {
    this.dialect = inner.dialect;
  }

  test(signal?: AbortSignal): Promise<ConnectionReport> {
    return this.availability.attempt(this.source, () => this.inner.test(signal));
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    return this.availability.attempt(this.source, () => this.inner.introspect(signal));
  }

  /** @throws DomainError `source_unavailable`; what the connector throws */
  run(request: RunRequest): Promise<RunSummary> {
    return this.availability.reach(this.source, this.inner, request.signal, () => this.inner.run(request));
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
