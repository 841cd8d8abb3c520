/** The contract on a server that somebody has named: what it needs of that server, and a way to cut connections to it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SourceAddress } from '../../src/engine/connectors/remote/source-address.js';

/** The address in a URL such as `http://user:password@host:8123/database`. */
export function addressIn(url: string): SourceAddress {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    sslMode: protocol === 'https:' ? 'require' : 'disable',
    options: {},
  };
}

/** Stands between a connector and a server, and hangs up when told to. */
export class CuttableProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to({ host, port }: { host: string; port: number }): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server);
    server.on('connection', (incoming) => {
      const outgoing = connect(port, host);
      for (const [from, into] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        proxy.sockets.add(from);
        from.on('error', () => into.destroy());
        from.on('close', () => {
          into.destroy();
          proxy.sockets.delete(from);
        });
        from.pipe(into);
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    this.cut();
    this.server.close();
  }
}
