/** An SMTP server in a process of its own, on a free loopback port. It tells its parent `{ port }`, then each mail. */
import { SMTPServer } from 'smtp-server';

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo({ address }, _session, done) {
    const later = () => Object.assign(new Error(`Try again later, ${address}`), { responseCode: 451 });
    done(
      address.startsWith('refused')
        ? new Error(`No such mailbox: ${address}`)
        : address.startsWith('busy')
          ? later()
          : null,
    );
  },
  onData(stream, session, done) {
    let source = '';
    stream.setEncoding('utf8');
    stream.on('data', (/** @type {string} */ text) => {
      source += text;
    });
    stream.once('end', () => {
      process.send?.({ to: session.envelope.rcptTo.map(({ address }) => address), source });
      done();
    });
  },
});

const listener = server.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.once('disconnect', () => process.exit(0));
