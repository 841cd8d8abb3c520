/** A server of the MySQL protocol that says what no real one would: for answers that are wrong, hostile, or of another version. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** What the server does other than a good one. */
export interface Behaviour {
  /** What VERSION() says. */
  version?: string;
  /** Offers TLS, which it does not speak. */
  offersTls?: boolean;
  /** In place of the greeting. */
  greeting?: Buffer | null;
  plugin?: string;
  /** In place of accepting whoever signs in. */
  onSignIn?: (session: FakeSession, response: Buffer) => void;
  /** In place of the usual answer to a statement; false for that answer. */
  onQuery?: (session: FakeSession, sql: string) => boolean;
  /** In place of one row with one cell: what a statement gives that was prepared before. */
  onRun?: (session: FakeSession) => void;
}

export const SCRAMBLE = Buffer.from('abcdefghijklmnopqrst', 'latin1');
const CAPABILITIES = 0x00_0f_a2_0d;
const SSL = 0x0800;

/** One connection of a client. */
export class FakeSession {
  sequence = 0;

  constructor(readonly socket: Socket) {}

  send(...bodies: Buffer[]): void {
    for (const body of bodies) {
      const header = Buffer.alloc(4);
      header.writeUIntLE(body.length, 0, 3);
      header[3] = this.sequence & 255;
      this.sequence += 1;
      this.socket.write(Buffer.concat([header, body]));
    }
  }

  ok(): void {
    this.send(Buffer.from([0, 0, 0, 2, 0, 0, 0]));
  }
}

export class FakeMySql {
  private readonly sockets = new Set<Socket>();
  /** The statements that arrived, and everything that clients sent. */
  readonly statements: string[] = [];
  readonly received: Buffer[] = [];
  port = 0;
  private prepared: string | undefined;

  private constructor(
    private readonly server: Server,
    private readonly behaviour: Behaviour,
  ) {}

  static async start(behaviour: Behaviour = {}): Promise<FakeMySql> {
    const server = createServer();
    const fake = new FakeMySql(server, behaviour);
    server.on('connection', (socket) => fake.serve(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    fake.port = typeof address === 'object' && address ? address.port : 0;
    return fake;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    const session = new FakeSession(socket);
    const { greeting, plugin = 'mysql_native_password', offersTls = false } = this.behaviour;
    if (greeting === null) return;
    if (greeting === undefined) session.send(hello(plugin, offersTls));
    else socket.write(greeting);
    let rest: Buffer = Buffer.alloc(0);
    let isSignedIn = false;
    socket.on('data', (data) => {
      this.received.push(data);
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
        const length = rest.readUIntLE(0, 3);
        session.sequence = (rest[3] ?? 0) + 1;
        const body = rest.subarray(4, 4 + length);
        rest = rest.subarray(4 + length);
        if (isSignedIn) this.answer(session, body);
        else if (this.behaviour.onSignIn) this.behaviour.onSignIn(session, body);
        else session.ok();
        isSignedIn = true;
      }
    });
  }

  private answer(session: FakeSession, body: Buffer): void {
    const sql = body.subarray(1).toString('utf8');
    switch (body[0]) {
      case 0x01:
        session.socket.end();
        return;
      case 0x03: {
        this.statements.push(sql);
        if (this.behaviour.onQuery?.(session, sql)) return;
        if (sql === this.prepared) return this.run(session);
        if (!sql.startsWith('SELECT VERSION()')) return session.ok();
        const cells = [this.behaviour.version ?? '8.4.2', '7', 'd'].map((text) => lengthCoded(Buffer.from(text)));
        session.send(Buffer.from([3]), column('v'), column('i'), column('d'), END, Buffer.concat(cells), END);
        return;
      }
      case 0x16:
        this.statements.push(sql);
        this.prepared = sql;
        session.send(Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), column('cell'), END);
        return;
      default:
        session.ok();
    }
  }

  private run(session: FakeSession): void {
    if (this.behaviour.onRun) this.behaviour.onRun(session);
    else session.send(Buffer.from([1]), column('cell'), END, row(Buffer.from('one')), END);
  }
}

/** The end of columns or rows. */
export const END = Buffer.from([0xfe, 0, 0, 2, 0]);

/** A column of text. */
export function column(name: string): Buffer {
  const texts = ['def', '', '', '', name, ''].map((text) => lengthCoded(Buffer.from(text)));
  return Buffer.concat([...texts, Buffer.from([12, 45, 0, 255, 0, 0, 0, 253, 0, 0, 0, 0, 0])]);
}

/** A row with one text. */
export function row(cell: Buffer): Buffer {
  return lengthCoded(cell);
}

function lengthCoded(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function hello(plugin: string, offersTls: boolean): Buffer {
  const capabilities = Buffer.alloc(4);
  capabilities.writeUInt32LE(CAPABILITIES | (offersTls ? SSL : 0));
  return Buffer.concat([
    Buffer.from('\x0a8.4.2\0', 'latin1'),
    Buffer.from([7, 0, 0, 0]),
    SCRAMBLE.subarray(0, 8),
    Buffer.from([0]),
    capabilities.subarray(0, 2),
    Buffer.from([45, 2, 0]),
    capabilities.subarray(2),
    Buffer.from([21, ...Array<number>(10).fill(0)]),
    SCRAMBLE.subarray(8),
    Buffer.from(`\0${plugin}\0`, 'latin1'),
  ]);
}
