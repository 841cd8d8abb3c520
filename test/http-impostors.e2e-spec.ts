/** What ClickHouse and Trino sources do when something else, or something broken, answers. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClickHouseConnector } from '../src/engine/connectors/clickhouse/index.js';
import type { Connector } from '../src/engine/connectors/connector.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { TrinoConnector } from '../src/engine/connectors/trino/index.js';
import { AUTHORITY, LOCALHOST } from './support/certificates.js';
import { codeOf, LOCAL, Workspace } from './support/connector-contract.js';

const ENGINES = {
  ClickHouse: (address: SourceAddress, { bounds }: Workspace): Connector =>
    new ClickHouseConnector({ address, policy: LOCAL, bounds }),
  Trino: (address: SourceAddress, { bounds }: Workspace): Connector =>
    new TrinoConnector({ address, policy: LOCAL, bounds }),
};
const NAMES = ['ClickHouse', 'Trino'] as const;
type Name = (typeof NAMES)[number];

let workspace: Workspace;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  workspace = await Workspace.open();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  expect((await readdir(workspace.folder)).filter((name) => !/^result-\d+\.parquet$/.test(name))).toEqual([]);
  await workspace.close();
});

async function listen(server: Server): Promise<number> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function connectTo(name: Name, server: Server, changes: Partial<SourceAddress> = {}): Promise<Connector> {
  const address: SourceAddress = {
    host: '127.0.0.1',
    port: await listen(server),
    database: 'shop',
    username: 'reader',
    password: '',
    sslMode: 'disable',
    options: { connect_timeout_ms: 500 },
    ...changes,
  };
  return ENGINES[name](address, workspace);
}

const raw = (onConnection: (socket: Socket) => void): Server => createServer(onConnection);
const http = (listener: RequestListener): Server => createHttpServer(listener);

describe.each(NAMES)('a %s source', (name) => {
  it.each(['disable', 'prefer', 'require', 'verify-full'] as const)(
    'that accepts and never answers is given up, with sslmode %s',
    async (sslMode) => {
      const connector = await connectTo(
        name,
        raw(() => undefined),
        { sslMode },
      );
      expect(await codeOf(connector.test())).toBe('source_timeout');
    },
  );

  it.each([
    ['hangs up', '', 'source_unreachable'],
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', 'source_unreachable'],
    ['sends headers without an end', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(50_000)}`, 'source_unreachable'],
    ['sends one endless header', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(1_000_000)}`, 'source_unreachable'],
    ['breaks off in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[', 'source_unreachable'],
    ['compresses', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx', 'source_lost'],
  ])('that %s is told from one that is there', async (_what, answer, code) => {
    const connector = await connectTo(
      name,
      raw((socket) => socket.once('data', () => socket.end(answer))),
    );
    expect(await codeOf(connector.test())).toBe(code);
  });

  it.each([200, 404])('that is a web site is told from one of its kind, with the status %i', async (status) => {
    const page = http((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><title>Hello</title>');
    });
    expect(await codeOf((await connectTo(name, page)).test())).toBe('source_unreachable');
  });

  it.each([301, 302, 307, 308])('is not followed anywhere, with the status %i', async (status) => {
    let asked = 0;
    const elsewhere = await listen(
      http((_request, response) => {
        asked += 1;
        response.end();
      }),
    );
    const redirect = http((_request, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${elsewhere}/latest/meta-data` }).end();
    });
    expect(await codeOf((await connectTo(name, redirect)).test())).toBe('source_address_not_allowed');
    expect(asked).toBe(0);
  });

  it('without TLS is told from one that cannot be reached', async () => {
    const tried = async (sslMode: SourceAddress['sslMode']): Promise<string> => {
      const plain = http((_request, response) => void response.end('Ok.\n'));
      return codeOf((await connectTo(name, plain, { sslMode })).test());
    };
    expect(await tried('require')).toBe('source_tls_failed');
    expect(await tried('prefer')).toBe('source_unreachable');
  });

  it('proves itself as far as the SSL mode wants it', async () => {
    const hello: RequestListener = (request, response) => {
      // What each of them takes for a beginning.
      response.setHeader(
        'x-clickhouse-query-id',
        new URL(request.url ?? '', 'http://x').searchParams.get('query_id') ?? '',
      );
      response.writeHead(request.url === '/v1/info' ? 404 : 503).end();
    };
    const tried = async (host: string, sslMode: SourceAddress['sslMode'], ca?: string): Promise<string> => {
      const options = { connect_timeout_ms: 5_000, ...(ca === undefined ? {} : { ca_certificate: ca }) };
      return codeOf((await connectTo(name, createHttpsServer(LOCALHOST, hello), { host, sslMode, options })).test());
    };
    const answered = 'source_unreachable';
    expect(await tried('localhost', 'require')).toBe(answered);
    expect(await tried('localhost', 'prefer')).toBe(answered);
    expect(await tried('localhost', 'verify-full', AUTHORITY)).toBe(answered);
    expect(await tried('127.0.0.1', 'verify-ca', AUTHORITY)).toBe(answered);
    expect(await tried('127.0.0.1', 'verify-full', AUTHORITY)).toBe('source_tls_failed');
    expect(await tried('localhost', 'verify-ca')).toBe('source_tls_failed');
    expect(await tried('localhost', 'verify-full')).toBe('source_tls_failed');
  });

  it('is not asked with what cannot be a header', async () => {
    const connector = await connectTo(
      name,
      http((_request, response) => void response.end(info)),
      {
        username: 'a\r\nX-Evil: 1',
      },
    );
    expect(await codeOf(connector.test())).toBe('source_refused');
  });
});

const info = JSON.stringify({ nodeVersion: { version: '435' } });

describe('a broken ClickHouse server', () => {
  /** Greets as a server does, and then answers with what it is given. */
  function greeting(answer: (response: ServerResponse, mark: string) => void | Promise<void>): Promise<Connector> {
    const server = http((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      response.setHeader('x-clickhouse-query-id', query.get('query_id') ?? '');
      const mark = query.get('format_custom_result_after_delimiter');
      if (mark !== null) void answer(response, mark);
      // What stops a query has no id, and finds nothing.
      else response.end(query.has('query_id') ? '["24.8.1.1",0,0]\n' : '');
    });
    return connectTo('ClickHouse', server);
  }
  const HEAD = '["n"]\n["Int32"]\n';

  it('that sends a cell of a gigabyte is stopped long before', async () => {
    let sent = 0;
    const connector = await greeting(async (response) => {
      response.write(`["t"]\n["String"]\n["`);
      for (; sent < 1_000 && !response.destroyed; sent += 1) {
        if (!response.write('x'.repeat(1_000_000))) {
          await Promise.race([once(response, 'drain'), once(response, 'close')]);
        }
      }
    });
    expect(await workspace.failure(connector, 'SELECT t FROM big')).toBe('query_result_too_large');
    expect(sent).toBeLessThan(200);
  });

  it.each([
    ['no mark at the end', `${HEAD}[1]\n[2]\n`, 'source_lost'],
    ['another mark', `${HEAD}[1]\nend ${'0'.repeat(32)}`, 'source_lost'],
    ['half a row', `${HEAD}[1]\n[2`, 'source_lost'],
    ['more cells than columns', `${HEAD}[1,2]\nMARK`, 'source_lost'],
    ['text for rows', `${HEAD}hello\nMARK`, 'source_lost'],
    ['no head', 'MARK', 'source_lost'],
    ['a head that is none', '{}\n[]\nMARK', 'source_lost'],
    [
      'an exception for the second row',
      `${HEAD}[1]\nCode: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)\n`,
      'query_failed',
    ],
    ['an exception in the middle of a row', `${HEAD}[1]\n[2Code: 395. DB::Exception: secret (X)\n`, 'query_failed'],
    ['text that is not UTF-8', `["t"]\n["String"]\n["\xff"]\nMARK`, 'source_data_invalid'],
  ])('with %s leaves no result', async (_what, text, code) => {
    const connector = await greeting((response, mark) => {
      response.end(Buffer.from(text.replace('MARK', mark), 'latin1'));
    });
    expect(await workspace.failure(connector, 'SELECT n FROM t')).toBe(code);
  });

  it('that falls silent in mid-stream is given up when the time of the query is over', async () => {
    const connector = await greeting((response) => void response.write(`${HEAD}[1]\n`));
    expect(await workspace.failure(connector, 'SELECT 1', { timeoutMs: 500 })).toBe('query_timeout');
  });

  it('that dies in mid-stream is told from one that says what is wrong', async () => {
    const connector = await greeting((response) => {
      response.write(`${HEAD}[1]\n`);
      setTimeout(() => response.socket?.destroy(), 100);
    });
    expect(await workspace.failure(connector, 'SELECT 1')).toBe('source_lost');
  });

  it('that is too old is refused with the version that is needed', async () => {
    const old = http((request, response) => {
      response.setHeader(
        'x-clickhouse-query-id',
        new URL(request.url ?? '', 'http://x').searchParams.get('query_id') ?? '',
      );
      response.end('["22.3.20.29",0,0]\n');
    });
    await expect((await connectTo('ClickHouse', old)).test()).rejects.toMatchObject({
      code: 'source_refused',
      message: expect.stringContaining('23.8') as unknown as string,
    });
  });
});

describe('a broken Trino coordinator', () => {
  /** Says hello, starts a transaction, and answers a statement with the pages that it is given. */
  async function coordinator(
    pages: (port: number) => string[],
    changes: Partial<SourceAddress> = {},
  ): Promise<Connector> {
    let left: string[] = [];
    const server = http((request, response) => {
      const port = request.socket.localPort ?? 0;
      if (request.url === '/v1/info') return void response.end(info);
      let sql = '';
      request.on('data', (part: Buffer) => (sql += part.toString()));
      request.on('end', () => {
        if (sql.startsWith('START')) {
          response.setHeader('x-trino-started-transaction-id', 'tx');
          return void response.end('{"id":"q"}');
        }
        if (sql === 'ROLLBACK') return void response.end('{"id":"q"}');
        if (request.method === 'POST') left = pages(port);
        response.end(left.shift() ?? '{"id":"q"}');
      });
    });
    return connectTo('Trino', server, changes);
  }
  const columns = '"columns":[{"name":"n","type":"integer"}]';

  it.each([
    ['another host', () => 'http://localhost:1/v1/statement/x'],
    ['another scheme', (port: number) => `https://127.0.0.1:${port}/v1/statement/x`],
    ['another port', (port: number) => `http://127.0.0.1:${port + 1}/v1/statement/x`],
    ['where clouds tell secrets', () => 'http://169.254.169.254/v1/statement/x'],
    ['another path', (port: number) => `http://127.0.0.1:${port}/v1/query/x`],
    ['a path that climbs', (port: number) => `http://127.0.0.1:${port}/v1/statement/../query/x`],
    ['a user', (port: number) => `http://a:b@127.0.0.1:${port}/v1/statement/x`],
    ['no URL', () => '/v1/statement/x'],
  ])('is not followed to %s', async (_what, next) => {
    const connector = await coordinator((port) => [`{"id":"q","nextUri":"${next(port)}"}`]);
    expect(await workspace.failure(connector, 'SELECT 1')).toBe('source_address_not_allowed');
  });

  it.each([
    ['is no JSON', '{"id":"q",', 'source_lost'],
    ['has rows without columns', '{"id":"q","data":[[1]]}', 'source_lost'],
    ['has rows that are none', `{"id":"q",${columns},"data":[1]}`, 'source_lost'],
    ['has more cells than columns', `{"id":"q",${columns},"data":[[1,2]]}`, 'source_lost'],
    ['has no columns', '{"id":"q"}', 'query_failed'],
    [
      'has half a character',
      '{"id":"q","columns":[{"name":"t","type":"varchar"}],"data":[["\\ud800"]]}',
      'source_data_invalid',
    ],
    [
      'is an error',
      '{"id":"q","error":{"message":"Access Denied: secret","errorName":"PERMISSION_DENIED","errorType":"USER_ERROR"}}',
      'source_refused',
    ],
    [
      'is an error that nobody knows',
      '{"id":"q","error":{"message":"row 5 is secret","errorName":"NEW","errorType":"EXTERNAL"}}',
      'query_failed',
    ],
  ])('whose page %s leaves no result', async (_what, page, code) => {
    const connector = await coordinator(() => [page]);
    expect(await workspace.failure(connector, 'SELECT 1')).toBe(code);
  });

  it('that sends a page which is too large is stopped', async () => {
    const connector = await coordinator(() => [`{"id":"q",${columns},"data":[["${'x'.repeat(70_000_000)}"]]}`]);
    expect(await workspace.failure(connector, 'SELECT 1')).toMatch(/^(?:source_lost|query_result_too_large)$/);
  });

  it('gets no password over plain HTTP', async () => {
    for (const sslMode of ['disable', 'prefer'] as const) {
      const connector = await coordinator(() => [], { password: 'secret', sslMode });
      expect(await codeOf(connector.test())).toBe('source_tls_failed');
    }
  });
});
