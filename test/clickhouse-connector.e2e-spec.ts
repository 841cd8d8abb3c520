import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClickHouseConnector } from '../src/engine/connectors/clickhouse/index.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { CLICKHOUSE_ENGINE, CLICKHOUSE_SHOP, CLICKHOUSE_TYPES } from './support/clickhouse-contract.js';
import { ClickHouseDouble, type ClickHouseDoubleOptions } from './support/clickhouse-double.js';
import { codeOf, connectorContract, LOCAL, Workspace } from './support/connector-contract.js';

const recorded = Object.fromEntries(CLICKHOUSE_TYPES.map(({ sql, answer }) => [sql, answer]));

function start(changes: Partial<ClickHouseDoubleOptions> = {}): Promise<ClickHouseDouble> {
  return ClickHouseDouble.start({ setup: CLICKHOUSE_SHOP, recorded, ...changes });
}

function addressOf({ port }: { port: number }, changes: Partial<SourceAddress> = {}): SourceAddress {
  return {
    host: '127.0.0.1',
    port,
    database: 'shop',
    username: 'reader',
    password: 'reads only',
    sslMode: 'disable',
    options: {},
    ...changes,
  };
}

connectorContract({
  ...CLICKHOUSE_ENGINE,
  name: 'ClickHouse',
  start: async () => {
    const double = await start();
    return {
      address: addressOf(double),
      running: () => Promise.resolve(double.running.size),
      endSessions: () => Promise.resolve(double.endSessions()),
      stop: () => double.stop(),
    };
  },
});
