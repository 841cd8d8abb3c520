import { connect as connectSocket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { type Connection, createConnection } from 'mysql2';
import { interruptibly } from '../remote/interruption.js';
import type { Route } from '../remote/open-connection.js';
import type { SourceAddress } from '../remote/source-address.js';
import { checkFraming } from './framing.js';
import { type WireConnection, wireOf } from './wire.js';

/** What of the driver's own wishes is not asked for: files of this machine, a parser that reads names otherwise, several results. */
const FLAGS = ['-LOCAL_FILES', '-IGNORE_SPACE', '-ODBC', '-MULTI_RESULTS', '-CLIENT_QUERY_ATTRIBUTES'];

/**
 * Connects to a source by a route and signs in. Passwords in plain text go only where the server has proven who it is.
 *
 * @throws what the driver and the network throw; EngineError `source_timeout`, `query_cancelled`. Nothing is left open then.
 */
export async function connectByRoute(
  source: SourceAddress,
  route: Route,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Connection> {
  const { username, password, database, host, sslMode } = source;
  const connection = createConnection({
    // Of which only the port is used, for what the driver says of itself: the way is the socket's.
    host,
    port: route.port,
    stream: () => connectSocket({ host: route.address, port: route.port, noDelay: true }),
    user: username,
    password,
    database,
    charset: 'UTF8MB4_GENERAL_CI',
    flags: FLAGS,
    // Settings of TLS are those of `encryptBy`; that there are some makes the driver insist on it.
    ...(route.tls ? { ssl: {} } : {}),
    enableCleartextPlugin: sslMode === 'verify-ca' || sslMode === 'verify-full',
    connectTimeout: 0,
    disableEval: true,
    multipleStatements: false,
    connectAttributes: { program_name: 'lumiere' },
  });
  const wire = wireOf(connection);
  connection.on('error', () => undefined);
  checkFraming(wire);
  if (route.tls) encryptBy(wire, route.tls);
  const connected = new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  const cut = (): void => void wire.stream.destroy();
  await interruptibly(connected, timeoutMs, signal, cut);
  return connection;
}

/** The driver would check the certificate of an address against the name `localhost`, and knows no `verify-ca`. */
function encryptBy(wire: WireConnection, options: ConnectionOptions): void {
  wire.startTLS = (done) => {
    const plain = wire.stream;
    plain.removeAllListeners('data');
    const secured = connectTls({ ...options, socket: plain });
    let isSecured = false;
    secured.once('secureConnect', () => {
      isSecured = true;
      done();
    });
    secured.on('error', (error) => (isSecured ? wire._handleNetworkError(error) : done(error)));
    secured.on('data', (chunk: Buffer) => wire.packetParser.execute(chunk));
    wire.stream = secured;
  };
}
