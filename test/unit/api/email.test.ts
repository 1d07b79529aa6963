import { startApi, type TestApi } from './support';

const secret = 'a-secret-of-the-mail-server';
let api: TestApi;
beforeEach(async () => {
  api = await startApi();
  await api.call('PUT', '/v1/sources/mail', { json: { kind: 'email', secret } });
});
afterEach(() => api.close());

const letter = (headers = ''): string =>
  `${headers}From: Ada Okafor <ada@example.com>\r\nSubject: A quote\r\nMessage-ID: <m1@example.com>\r\n\r\nFor 250 people.\r\n`;

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  api.call('POST', '/v1/webhooks/mail', {
    as: null,
    body,
    headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${secret}`, ...headers },
  });

test('a mail is a lead once, kept as what was read of it', async () => {
  const [first, again] = [await post(letter()), await post(letter('X-Hop: 2\r\n'))];
  expect([first.status, again.json.id]).toEqual([202, first.json.id]);
  const [lead] = api.world.accepted;
  expect(lead).toMatchObject({
    source: 'mail',
    eventKey: '<m1@example.com>',
    fields: { email: 'ada@example.com', firstName: 'Ada', message: 'A quote\n\nFor 250 people.' },
  });
  expect(JSON.parse(lead!.rawBody)).toMatchObject({
    subject: 'A quote',
    from: { address: 'ada@example.com' },
  });
});

test('an automatic answer is kept, a mail without a sender is a dead letter that can be mapped later', async () => {
  const answer = await post(letter('Auto-Submitted: auto-replied\r\n'));
  expect(answer.json.events).toMatchObject([{ status: 'other', type: 'auto_reply' }]);
  const nobody = await post('Subject: form\r\n\r\nMail: ben@example.com\r\n');
  expect(nobody.json.events).toMatchObject([{ status: 'dead_lettered', issues: [{ path: 'email' }, {}] }]);
  const mapping = { email: 'fields.Mail' };
  await api.call('PUT', '/v1/sources/mail', { json: { kind: 'email', secret, mapping } });
  const retried = await api.call('POST', '/v1/errors/retry', { json: { fingerprint: 'map.mail' } });
  expect([retried.json, api.world.accepted[0]!.fields.email]).toEqual([{ retried: 1 }, 'ben@example.com']);
});

test('the wrong secret, another content type, too much of it, and what is no mail are refused', async () => {
  expect((await post(letter(), { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await post(letter(), { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post(Buffer.alloc(5 * 1024 * 1024 + 1, 'a'))).status).toBe(413);
  expect((await post(`X-Long: ${'x'.repeat(300_000)}\r\n\r\n`)).status).toBe(400);
  const json = { 'content-type': 'application/json' };
  expect((await post(Buffer.alloc(300 * 1024, ' '), json)).status).toBe(413);
});

test('a mail with bytes of an old charset is taken in', async () => {
  const mail = Buffer.from(
    `${letter().trimEnd().replace('Subject', 'Content-Type: text/plain; charset=iso-8859-1\r\nSubject')} In M\u00fcnchen.`,
    'latin1',
  );
  expect((await post(mail)).status).toBe(202);
  expect(api.world.accepted[0]!.fields.message).toContain('In München.');
});

test('a sample is tried as raw text', async () => {
  const tried = await api.call('POST', '/v1/sources/mail/test', { json: { body: letter() } });
  expect(tried.json.events).toMatchObject([{ status: 'received', lead: { email: 'ada@example.com' } }]);
});
