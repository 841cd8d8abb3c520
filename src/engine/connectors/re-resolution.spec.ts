import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EngineError } from '../errors.js';
import type { Connector } from './connector.js';
import type { PostgresSource } from './postgres/index.js';
import type { SourceAddress } from './remote/source-address.js';

// No real resolver can be made to change its mind.
const lookup = jest.fn<(host: string) => Promise<{ address: string }[]>>();
jest.unstable_mockModule('node:dns/promises', () => ({ lookup }));

const { ClickHouseConnector } = await import('./clickhouse/index.js');
const { MySqlConnector } = await import('./mysql/index.js');
const { PostgresConnector } = await import('./postgres/index.js');
const { TrinoConnector } = await import('./trino/index.js');

const policy = { allowLoopback: true, allowPrivate: false };
/** Nothing is run that would use them. */
const bounds = { maxMemoryBytes: 0, threads: 1, scratchDirectory: '/nowhere', maxSpillBytes: 0 };

describe.each<[string, (source: PostgresSource) => Connector]>([
  ['PostgreSQL', (source) => new PostgresConnector(source)],
  ['MySQL', (source) => new MySqlConnector(source)],
  ['ClickHouse', (source) => new ClickHouseConnector(source)],
  ['Trino', (source) => new TrinoConnector(source)],
])('a %s source whose name leads elsewhere after it was checked', (_name, connect) => {
  let server: Server;
  let connections = 0;

  beforeAll(async () => {
    server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined).destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    connections = 0;
    lookup.mockReset();
  });

  const failure = async (): Promise<unknown> => {
    const bound = server.address();
    const address: SourceAddress = {
      host: 'shop.invalid',
      port: typeof bound === 'object' && bound ? bound.port : 0,
      database: 'shop',
      username: 'reader',
      password: '',
      sslMode: 'prefer',
      options: { connect_timeout_ms: 2000 },
    };
    const connector = connect({ address, policy, bounds });
    return connector.test().then(
      () => 'reached',
      (error: unknown) => (error instanceof EngineError ? error.code : error),
    );
  };

  it('is connected to where it was found to be allowed, for every attempt', async () => {
    lookup.mockResolvedValueOnce([{ address: '127.0.0.1' }]).mockResolvedValue([{ address: '169.254.169.254' }]);
    expect(await failure()).toBe('source_unreachable');
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(connections).toBeGreaterThan(0);
  });

  it('is checked again for the next piece of work', async () => {
    lookup.mockResolvedValueOnce([{ address: '127.0.0.1' }]).mockResolvedValue([{ address: '10.0.0.1' }]);
    await failure();
    const before = connections;
    expect(await failure()).toBe('source_address_not_allowed');
    expect(connections).toBe(before);
  });

  it('is not connected to where its name leads as well, but must not', async () => {
    lookup.mockResolvedValue(['169.254.169.254', '10.0.0.1', '127.0.0.1'].map((address) => ({ address })));
    expect(await failure()).toBe('source_unreachable');
    expect(connections).toBeGreaterThan(0);
  });
});
