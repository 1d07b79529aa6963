import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

type Stage = 'greeting' | 'sender' | 'recipient' | 'data' | 'auth';
type Fault = { readonly stage: Stage; readonly reply: number | 'hang' | 'drop' };

export interface Mailbox {
  readonly url: string;
  readonly mails: readonly ParsedMail[];
  readonly failNext: (stage: Stage, reply: Fault['reply']) => void;
  readonly reached: () => readonly Stage[];
  readonly close: () => Promise<void>;
}

/** A real SMTP server in this process that fails at a given stage with a given reply. */
export async function startMailbox(): Promise<Mailbox> {
  const mails: ParsedMail[] = [];
  const faults: Fault[] = [];
  const reached: Stage[] = [];

  function step(stage: Stage, done: (error?: Error) => void): void {
    reached.push(stage);
    const fault = faults[0]?.stage === stage ? faults.shift() : undefined;
    if (fault === undefined) {
      done();
      return;
    }
    if (fault.reply === 'hang') return;
    if (fault.reply === 'drop') {
      [...connections].forEach((socket) => socket.destroy());
      return;
    }
    // Servers like to repeat the recipient; none of it may get into an error of ours.
    done(Object.assign(new Error('no: <anna@example.com> Zoë'), { responseCode: fault.reply }));
  }

  const options: SMTPServerOptions = {
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 50,
    onConnect: (_session, callback) => step('greeting', (error) => callback(error)),
    onAuth: (auth, _session, callback) =>
      step('auth', (error) => (error ? callback(error) : callback(null, { user: auth.username ?? '' }))),
    onMailFrom: (_address, _session, callback) => step('sender', (error) => callback(error)),
    onRcptTo: (_address, _session, callback) => step('recipient', (error) => callback(error)),
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        step('data', (error) => {
          if (error) {
            callback(error);
            return;
          }
          simpleParser(Buffer.concat(chunks)).then((mail) => {
            mails.push(mail);
            callback(null);
          }, callback);
        });
      });
    },
  };
  const server = new SMTPServer(options);
  server.on('error', () => undefined);
  const connections = new Set<{ destroy: () => void }>();
  server.server.on('connection', (socket) => connections.add(socket));
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () =>
      resolve((listening.address() as { port: number }).port),
    );
  });
  return {
    url: `smtp://127.0.0.1:${String(port)}`,
    mails,
    failNext: (stage, reply) => void faults.push({ stage, reply }),
    reached: () => reached,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
