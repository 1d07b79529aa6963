import { startFakeCaptcha, type FakeCaptcha } from '../../connectors/captcha/fake';
import { leadWhen, startInstance, type Instance, type LeadBody } from '../support/instance';
import { startMailbox, type Mailbox } from '../support/mailbox';
import { until } from '../support/until';

let captcha: FakeCaptcha;
let mailbox: Mailbox;
let instance: Instance;
let count = 0;

beforeAll(async () => {
  [captcha, mailbox] = await Promise.all([startFakeCaptcha(), startMailbox()]);
  instance = await startInstance({
    namespace: 'gate',
    env: { CAPTCHA_URL: captcha.url, SMTP_URL: mailbox.url, NOTIFY_ORDER: 'slack' },
  });
});
afterAll(async () => {
  await instance.stop();
  await Promise.all([captcha.close(), mailbox.close()]);
});
afterEach(async () => {
  const { body } = await instance.call<{ balanced: boolean }>('GET', '/v1/accounting');
  expect(body.balanced).toBe(true);
});

const source = async (name: string, gate: object, mapping?: object): Promise<void> => {
  const body = { kind: 'generic', secret: 'a-secret-16-chars', gate, ...(mapping ? { mapping } : {}) };
  expect((await instance.call('PUT', `/v1/sources/${name}`, body)).status).toBe(200);
};
const hook = async (name: string, body: object): Promise<string> => {
  const answer = await instance.call<{ id: string }>('POST', `/v1/webhooks/${name}`, body, {
    authorization: 'Bearer a-secret-16-chars',
  });
  expect(answer.status).toBe(202);
  return answer.body.id;
};
/** An address that nobody had before; a person of his own each time. */
const address = (): string => {
  count += 1;
  return `p${String(count)}@gate-${String(count)}.example`;
};
const settled = (id: string): Promise<LeadBody> =>
  leadWhen(instance, id, ({ status }) => status === 'assigned' || status === 'rejected');
const rejection = (lead: LeadBody): unknown =>
  lead.timeline.find(({ what }) => what === 'rejected')?.['reason'];
const release = (id: string) => instance.call('POST', `/v1/leads/${id}/release`, { reason: 'known to us' });

test('robots and throw-away mailboxes are rejected with the reason, and counted', async () => {
  await source('form', {}, { email: 'email', honeypot: 'fax' });
  const robot = await settled(await hook('form', { email: address(), fax: '1' }));
  expect([robot.status, rejection(robot), robot.closeReason]).toEqual([
    'rejected',
    'honeypot',
    'a field was filled in that people cannot see',
  ]);
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: 'x@sub.mailinator.com',
  });
  const disposable = await settled(body.id);
  expect([disposable.status, rejection(disposable)]).toEqual(['rejected', 'disposable_mail']);
  const books = await instance.call<{ rejected: number }>('GET', '/v1/accounting');
  expect(books.body.rejected).toBe(2);
  // Neither became a person, nor a record in the CRM.
  expect(await instance.sql('SELECT 1 FROM people')).toHaveLength(0);
  expect([disposable.crm, disposable.owner]).toEqual([undefined, undefined]);
});

test('a false positive that is released is a lead again, once', async () => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'jo@yopmail.com' });
  await settled(body.id);
  expect((await release(body.id)).status).toBe(200);
  const lead = await leadWhen(instance, body.id, ({ status }) => status === 'assigned');
  expect(lead.timeline.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['received', 'rejected', 'released', 'identified', 'assigned']),
  );
  expect(lead.closeReason).toBeUndefined();
  expect((await release(body.id)).status).toBe(409);
  const claim = await instance.call('POST', `/v1/leads/${body.id}/claim`, { by: lead.owner?.id });
  expect(claim.status).toBe(200);
});

test('too many of one mailbox or one computer are rejected, others are not', async () => {
  await source('rated', { rate: { per: '1h', mailbox: 2, client: 4, clientField: 'ip' } });
  const email = address();
  const ids = [];
  for (let nth = 0; nth < 4; nth += 1) {
    ids.push(await hook('rated', { email, id: `same-${String(nth)}`, ip: '192.0.2.1' }));
    await leadWhen(instance, ids[nth]!, ({ status }) => status !== 'received');
  }
  const leads = await Promise.all(ids.map((id) => leadWhen(instance, id, () => true)));
  expect(leads.map(rejection)).toEqual([undefined, undefined, 'too_many_mailbox', 'too_many_mailbox']);
  const fifth = await settled(await hook('rated', { email: address(), id: '5', ip: '192.0.2.1' }));
  expect(rejection(fifth)).toBe('too_many_client');
  const other = await settled(await hook('rated', { email: address(), id: '6', ip: '192.0.2.2' }));
  expect(other.status).toBe('assigned');
});

describe('a captcha', () => {
  const withToken = (token?: string) =>
    hook('shop', { email: address(), ...(token === undefined ? {} : { 'cf-turnstile-response': token }) });

  test('lets people through and turns robots away', async () => {
    await source('shop', { captcha: { provider: 'turnstile', secret: captcha.secret } });
    const ids = [await withToken(captcha.solve()), await withToken('made-up'), await withToken()];
    const leads = await Promise.all(ids.map(settled));
    expect(leads.map(({ status }) => status)).toEqual(['assigned', 'rejected', 'rejected']);
    expect(leads.map(rejection)).toEqual([undefined, 'captcha_failed', 'captcha_missing']);
  });

  test('whose provider is away holds nobody for longer than half a minute', async () => {
    const down = { provider: 'turnstile', secret: captcha.secret, whenDown: 'reject' };
    await source('shop', { captcha: down });
    captcha.setAway(true);
    const closed = await withToken(captcha.solve());
    const lead = await leadWhen(instance, closed, ({ status }) => status === 'rejected', 50_000);
    expect(rejection(lead)).toBe('captcha_unknown');
    captcha.setAway(false);
  }, 90_000);

  test('with a wrong secret needs attention, and goes on once it is corrected', async () => {
    await source('shop', { captcha: { provider: 'turnstile', secret: 'mistyped' } });
    const id = await withToken(captcha.solve());
    await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
    await source('shop', { captcha: { provider: 'turnstile', secret: captcha.secret } });
    const retry = await instance.call('POST', '/v1/errors/retry', { fingerprint: 'captcha.setup' });
    expect(retry.status).toBe(200);
    expect((await settled(id)).status).toBe('assigned');
  });
});

describe('double opt-in', () => {
  const mailTo = (email: string) =>
    until('mail', () => mailbox.mails.find(({ to }) => JSON.stringify(to).includes(email)));
  const waiting = (id: string) =>
    leadWhen(instance, id, ({ timeline }) => timeline.some(({ what }) => what === 'confirmation_sent'));
  /** The mail is on the timeline a moment before the run waits for its answer: time skipped in between skips nothing. */
  const skippedToRejection = async (id: string) => {
    await until('rejected', async () => {
      if ((await leadWhen(instance, id, () => true)).status === 'rejected') return true;
      await instance.skipTime(id);
      return false;
    });
    return leadWhen(instance, id, () => true);
  };
  const linkIn = (text: string | undefined): string => /\/confirm\/\S+/.exec(text ?? '')?.[0] ?? 'no link';

  test('routing waits until the person presses the button, and one press is enough', async () => {
    await source('optin', { doubleOptIn: { within: '7d' } });
    const email = address();
    const id = await hook('optin', { email });
    const lead = await waiting(id);
    expect([lead.status, lead.owner]).toEqual(['parked', undefined]);
    const mail = await mailTo(email);
    const link = linkIn(mail.text);
    expect((await instance.call('GET', link)).status).toBe(200);
    const refused = await instance.call('POST', `/v1/leads/${id}/claim`, { by: 'jordan' });
    expect(refused.status).toBe(409);
    expect((await leadWhen(instance, id, () => true)).status).toBe('parked');
    expect((await instance.call('POST', link)).status).toBe(200);
    const routed = await leadWhen(instance, id, ({ status }) => status === 'assigned');
    expect((await instance.call('POST', link)).status).toBe(200);
    const count = (what: string) => routed.timeline.filter((event) => event.what === what).length;
    expect(['awaits_confirmation', 'confirmation_sent', 'confirmed', 'assigned'].map(count)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(mailbox.mails.filter(({ to }) => JSON.stringify(to).includes(email))).toHaveLength(1);
  });

  test('what is not confirmed in time is rejected, and can be released', async () => {
    const id = await hook('optin', { email: address() });
    await waiting(id);
    const lead = await skippedToRejection(id);
    expect(rejection(lead)).toBe('not_confirmed');
    expect((await release(id)).status).toBe(200);
    expect((await leadWhen(instance, id, ({ status }) => status === 'assigned')).status).toBe('assigned');
  });

  test('an address that takes no mail is rejected; who gives a phone number only has nothing to confirm', async () => {
    mailbox.failNext('recipient', 550);
    const lead = await settled(await hook('optin', { email: address() }));
    expect(rejection(lead)).toBe('mailbox_refused');
    const caller = await settled(await hook('optin', { phone: '+49 89 20304050' }));
    expect(caller.status).toBe('assigned');
  });

  test('a worker that is killed while the lead waits changes nothing', async () => {
    const email = address();
    const id = await hook('optin', { email });
    await waiting(id);
    instance.kill('worker');
    await until('worker gone', async () => !instance.alive().worker);
    await instance.start('worker');
    const link = linkIn((await mailTo(email)).text);
    // The server looks for the killed worker for a while; the page says to try again.
    await until('confirmed', async () => (await instance.call('POST', link)).status === 200);
    await leadWhen(instance, id, ({ status }) => status === 'assigned');
    expect(mailbox.mails.filter(({ to }) => JSON.stringify(to).includes(email))).toHaveLength(1);
  });
});
