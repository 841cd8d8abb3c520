import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A door to a server, which can be shut: connections are refused then, and those that are open are cut. */
export interface Gate {
  port: number;
  shut: () => Promise<void>;
  open: () => Promise<void>;
  /** Connections that have come through so far. */
  passed: () => number;
}

export async function openGate(target: { host: string; port: number }): Promise<Gate> {
  const sockets = new Set<Socket>();
  let passed = 0;
  const server = createServer((client) => {
    passed += 1;
    const onward = connect(target);
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.pipe(onward).pipe(client);
    client.on('close', () => onward.destroy());
    onward.on('close', () => client.destroy());
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The gate has no port.');
    return address.port;
  };
  const port = await listen(0);
  return {
    port,
    open: async () => void (await listen(port)),
    shut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    passed: () => passed,
  };
}
