import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { connectorContract } from './support/connector-contract.js';
import { TRINO_ENGINE, TRINO_SHOP, TRINO_TYPES } from './support/trino-contract.js';
import { TrinoDouble, type TrinoDoubleOptions } from './support/trino-double.js';

const recorded = Object.fromEntries(TRINO_TYPES.map(({ sql, answer }) => [sql, answer]));

function start(changes: Partial<TrinoDoubleOptions> = {}): Promise<TrinoDouble> {
  return TrinoDouble.start({ setup: TRINO_SHOP, recorded, ...changes });
}

function addressOf({ port }: { port: number }, changes: Partial<SourceAddress> = {}): SourceAddress {
  return {
    host: '127.0.0.1',
    port,
    database: 'lake.default',
    username: 'reader',
    password: '',
    sslMode: 'disable',
    options: {},
    ...changes,
  };
}

connectorContract({
  ...TRINO_ENGINE,
  name: 'Trino',
  start: async () => {
    const double = await start();
    return {
      address: addressOf(double),
      running: () => Promise.resolve(double.running),
      endSessions: () => Promise.resolve(double.endSessions()),
      stop: () => double.stop(),
    };
  },
});
