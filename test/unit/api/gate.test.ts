import { signActionLink, signConfirmLink } from '../../../domain/action-link';
import { leadId, leadView, startApi, startMs, type TestApi } from './support';

const secret = 'a-secret-of-the-vendor';
const captcha = { provider: 'turnstile', secret: 'sitekey-secret', tokenField: 'proof.token' };
const gate = {
  captcha,
  rate: { per: '2h', mailbox: 5, client: 20, clientField: '/visitor/ip' },
  doubleOptIn: {},
};
let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const put = (json: object) =>
  api.call('PUT', '/v1/sources/website', { json: { kind: 'generic', secret, ...json } });

describe('the gate of a source', () => {
  test('is set with the source and shown without the secret', async () => {
    const made = await put({ gate });
    expect(made.json.gate).toEqual({
      disposableMail: 'reject',
      captcha: { provider: 'turnstile', tokenField: 'proof.token', whenDown: 'accept', minScore: 0.5 },
      rate: gate.rate,
      doubleOptIn: { within: '7d' },
    });
    expect(made.text + (await api.call('GET', '/v1/sources')).text).not.toContain('sitekey-secret');
    expect((await put({ gate: null })).json.gate).toEqual({ disposableMail: 'reject' });
    const own = await put({ gate: { captcha: { provider: 'hcaptcha', secret: 's3cr3t' } } });
    expect(own.json.gate.captcha.tokenField).toBe('h-captcha-response');
  });

  test.each([
    [{ captcha: { ...captcha, provider: 'text' } }, 'gate.captcha.provider'],
    [{ captcha: { ...captcha, secret: ' ' } }, 'gate.captcha.secret'],
    [{ rate: { per: 'soon' } }, 'gate.rate.per'],
    [{ rate: { client: 3 } }, 'gate.rate.clientField'],
    [{ rate: { clientField: 'ip' } }, 'gate.rate.client'],
    [{ rate: { mailbox: 0 } }, 'gate.rate.mailbox'],
    [{ doubleOptIn: { within: '90d' } }, 'gate.doubleOptIn.within'],
    [{ disposableMail: 'maybe' }, 'gate.disposableMail'],
  ])('that makes no sense (%j) is refused by field', async (wrong, path) => {
    const answer = await put({ gate: wrong });
    expect([answer.status, answer.json.issues.map((issue: { path: string }) => issue.path)]).toEqual([
      422,
      [path],
    ]);
  });

  const shown = { captchaToken: 'tok', client: '192.0.2.7' };
  const body = { email: 'ada@example.com', proof: { token: 'tok' }, visitor: { ip: '192.0.2.7' } };

  test('gets what it judges by from a webhook and from POST /v1/leads that names the source', async () => {
    await put({ gate });
    const hook = await api.call('POST', '/v1/webhooks/website', {
      as: null,
      json: body,
      headers: { authorization: `Bearer ${secret}` },
    });
    const posted = await api.call('POST', '/v1/leads', { json: { ...body, source: 'website' } });
    await api.call('POST', '/v1/leads', { json: { ...body, source: 'elsewhere' } });
    expect([hook.status, posted.status]).toEqual([202, 202]);
    expect(api.world.accepted.map(({ door }) => door)).toEqual([shown, shown, undefined]);
    expect(JSON.stringify(api.world.accepted.map(({ fields }) => fields))).not.toContain('tok');
  });

  test.each([[{}], [{ token: 7.5e300 }], [{ token: 'x'.repeat(9_000) }], [{ token: ['a'] }]])(
    'takes %j for a missing token, and the lead in',
    async (proof) => {
      await put({ gate });
      const { status } = await api.call('POST', '/v1/leads', {
        json: { ...body, visitor: undefined, proof, source: 'website' },
      });
      expect(status).toBe(202);
      const token = api.world.accepted[0]?.door?.captchaToken;
      expect(token === undefined || token.length < 400).toBe(true);
    },
  );
});

describe('release', () => {
  const release = (id: string = leadId) =>
    api.call('POST', `/v1/leads/${id}/release`, { json: { by: 'mira', reason: 'a customer of ours' } });

  test('gives a rejected lead another run', async () => {
    api.world.leads.set(leadId, leadView({ status: 'rejected' }));
    const answer = await release();
    expect([answer.status, answer.json]).toEqual([200, { status: 'received' }]);
    expect(api.world.begunAgain).toEqual([leadId]);
  });

  test('is refused for any other lead', async () => {
    const answer = await release();
    expect([answer.status, answer.json.code]).toEqual([409, 'lead_conflict']);
    expect((await release(leadId.replace(/.$/, 'f'))).status).toBe(404);
    expect(api.world.begunAgain).toEqual([]);
  });
});

describe('the link of a double opt-in', () => {
  const tokenOf = (expiresAtMs = startMs + 1) => signConfirmLink(api.deps.linkKey, { leadId, expiresAtMs });
  const open = (method: 'GET' | 'POST', token: string) => api.call(method, `/confirm/${token}`, { as: null });

  test('shows a page, and confirms by its button only', async () => {
    const page = await open('GET', tokenOf());
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('<form method="post">')]);
    expect(page.text).not.toMatch(/Ada|ada@example/);
    expect(api.world.requests).toEqual([]);
    const done = await open('POST', tokenOf());
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Thank you')]);
    expect(api.world.requests).toEqual([{ leadId, kind: 'confirm', args: {} }]);
  });

  test('that is over, changed, or meant for something else does nothing', async () => {
    const action = { leadId, hop: 0, repId: 'anna', action: 'claim', expiresAtMs: startMs + 1 } as const;
    const tokens = [
      tokenOf(startMs - 1),
      `${tokenOf().slice(0, -4)}AAAA`,
      signActionLink(api.deps.linkKey, action),
    ];
    const answers = await Promise.all(tokens.map((token) => open('POST', token)));
    expect(answers.map(({ status }) => status)).toEqual([410, 403, 403]);
    expect((await api.call('POST', `/l/${tokenOf()}`, { as: null })).status).toBe(403);
    expect(api.world.requests).toEqual([]);
  });

  test('of a lead that is over says so', async () => {
    api.world.answer = async () => ({ ok: false, reason: 'the lead is closed' });
    expect((await open('POST', tokenOf())).status).toBe(409);
  });
});
