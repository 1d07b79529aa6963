import { createSmtpNotifier } from '../../connectors/notify/smtp';
import { startMailbox, type Mailbox } from '../support/mailbox';
import { eventually, failureOf, notification, patient } from './examples';
import { notifyContract, type NotifyHarness } from './notify.contract';

const from = 'Lead Router <router@sales.example.com>';

notifyContract('smtp', async () => {
  const box = await startMailbox();
  const cases = [
    ['greeting', 421, 'busy'],
    ['sender', 451, 'busy'],
    ['sender', 530, 'auth'],
    ['recipient', 421, 'busy'],
    ['recipient', 451, 'busy'],
    ['recipient', 452, 'busy'],
    ['recipient', 550, 'rejected'],
    ['data', 451, 'busy'],
    ['data', 552, 'rejected'],
    ['data', 554, 'rejected'],
    ['recipient', 'hang', 'timeout'],
    // The mail may be out: only its fixed Message-ID lets the receiver fold the repeat.
    ['data', 'hang', 'timeout'],
    ['recipient', 'drop', 'unreachable'],
  ] as const;
  const hasty = createSmtpNotifier({ url: box.url, from, timeoutMs: 1_000 });
  const faults: NotifyHarness['faults'] = cases.map(([stage, reply, code]) => ({
    name: `${stage} ${String(reply)}`,
    code,
    ...(reply === 'hang' ? { hasty } : {}),
    arrange: () => box.failNext(stage, reply),
  }));
  return {
    port: createSmtpNotifier({ url: box.url, from }),
    deliveries: () => box.mails.map(({ messageId }) => messageId ?? ''),
    close: box.close,
    faults: [...faults, { name: 'gone', code: 'unreachable', arrange: box.close, final: true }],
  };
});

describe('mail', () => {
  let box: Mailbox;
  beforeEach(async () => {
    box = await startMailbox();
  });
  afterEach(() => box.close());
  const port = (url = box.url) => createSmtpNotifier({ url, from });

  it('goes to the rep as text and HTML, marked as automatic', async () => {
    await port().send(notification(), patient());
    const [mail] = box.mails;
    expect(mail?.subject).toBe('New lead: Zoë Müller');
    expect(mail?.from?.text).toContain('router@sales.example.com');
    expect([mail?.to].flat()[0]?.value).toEqual([{ name: 'Anna Berger', address: 'anna@example.com' }]);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.messageId).toMatch(/^<[0-9a-f]{40}@sales\.example\.com>$/);
    for (const part of [mail?.text, String(mail?.html)]) {
      expect(part).toContain('big DACH accounts');
      expect(part).toContain('Tue, 24 Nov 2026, 10:00 GMT+1 (Europe/Berlin)');
      for (const link of Object.values(notification().links)) expect(part).toContain(link);
    }
  });

  it('escapes what people typed', async () => {
    const typed = `<script>alert("x")</script> & 'y'`;
    await port().send(notification({ subject: typed, facts: [{ label: 'Lead', text: typed }] }), patient());
    const html = String(box.mails[0]?.html);
    expect(html).not.toContain('<script>');
    expect(
      html.match(/&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt; &amp; &#39;y&#39;/g),
    ).toHaveLength(2);
    expect(box.mails[0]?.text).toContain(typed);
  });

  // A line break in a name must neither add a header nor a line that looks like one of our links.
  it('keeps what people typed on its line', async () => {
    const typed = 'Zoë\r\nBcc: evil@example.com\r\nClaim: https://evil.example';
    const to = { id: 'anna', name: typed, email: 'anna@example.com' };
    await port().send(
      notification({ subject: typed, facts: [{ label: 'Lead', text: typed }], to }),
      patient(),
    );
    const [mail] = box.mails;
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.subject).toBe('Zoë Bcc: evil@example.com Claim: https://evil.example');
    expect(mail?.text?.split('\n').filter((line) => line.startsWith('Claim: '))).toEqual([
      `Claim: ${notification().links.claim}`,
    ]);
    expect(box.reached().filter((stage) => stage === 'recipient')).toHaveLength(1);
  });

  it.each([
    [535, 'auth'],
    [454, 'busy'],
  ])('reports a login answered with %i as %s', async (reply, code) => {
    box.failNext('auth', reply);
    const call = port(box.url.replace('//', '//robot:s3cr3t@')).send(notification(), patient());
    expect(await failureOf(call)).toMatchObject({ code });
  });

  it('logs in when the address has credentials', async () => {
    await port(box.url.replace('//', '//robot:s3cr3t@')).send(notification(), patient());
    expect(box.reached()).toContain('auth');
    expect(box.mails).toHaveLength(1);
  });

  it('gives up at once when the caller does, with the caller’s reason', async () => {
    box.failNext('recipient', 'hang');
    const caller = new AbortController();
    const call = port().send(notification(), caller.signal);
    await eventually(() => box.reached().includes('recipient'));
    const reason = new Error('cancelled');
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it.each(['smtp://169.254.169.254:25', 'smtps://169.254.169.254', 'smtp://[fd00:ec2::254]:25'])(
    'does not connect to the metadata service at %s',
    async (url) => {
      expect(await failureOf(port(url).send(notification(), patient()))).toMatchObject({
        code: 'rejected',
        message: 'smtp: the address is link-local or of a metadata service',
      });
    },
  );

  it('is unreachable when nobody has the name', async () => {
    expect(await failureOf(port('smtp://nobody.invalid:25').send(notification(), patient()))).toMatchObject({
      code: 'unreachable',
    });
  });
});
