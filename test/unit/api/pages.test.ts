import { signActionLink, type ActionLink } from '../../../domain/action-link';
import { html } from '../../../api/html';
import { keys, leadId, leadView, openError, startApi, startMs, type Answer, type TestApi } from './support';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

test('html escapes every value and keeps nested markup', () => {
  const evil = `<img src=x onerror="alert('1')">&\``;
  expect(
    html`<p title="${evil}">${evil}${html`<b>${7}</b>`}${[html`<i>1</i>`, 'x<']}${undefined}${false}</p>`.toString(),
  ).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;&#96;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;&#96;<b>7</b><i>1</i>x&lt;</p>',
  );
});

describe('links in notifications', () => {
  const link = (changes: Partial<ActionLink> = {}): string =>
    `/l/${signActionLink(Buffer.alloc(32, 1), { leadId, hop: 0, repId: 'anna', action: 'claim', expiresAtMs: startMs + 3_600_000, ...changes })}`;
  const press = (path: string, form: Record<string, string> = {}): Promise<Answer> =>
    api.call('POST', path, {
      as: null,
      body: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const look = (path: string, method = 'GET'): Promise<Answer> => api.call(method, path, { as: null });

  test.each([['claim'], ['decline'], ['snooze'], ['reassign']] as const)(
    'a GET of %s shows a page and does not act',
    async (action) => {
      const page = await look(link({ action }));
      expect(page.status).toBe(200);
      expect(page.text).toContain('<form method="post">');
      expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.text).toContain('&quot;Evil&quot; &amp; Söhne');
      expect(page.text).toContain('2026-11-24 09:05 UTC');
      expect(page.text).not.toContain('<script');
      await look(link({ action }), 'HEAD');
      expect(api.world.requests).toEqual([]);
    },
  );

  test('pages are not stored, indexed, framed or scripted', async () => {
    const { headers } = await look(link());
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toMatch(/noindex/);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test.each<[ActionLink['action'], Record<string, string>, string, unknown]>([
    ['decline', {}, 'decline', { by: 'anna', hop: 0 }],
    ['decline', { reason: ' busy ' }, 'decline', { by: 'anna', hop: 0, reason: 'busy' }],
    ['reassign', {}, 'reassign', { by: 'anna', hop: 0 }],
    ['snooze', { for: '15m' }, 'snooze', { by: 'anna', hop: 0, forMs: 900_000 }],
    ['snooze', { for: '1d' }, 'snooze', { by: 'anna', hop: 0, forMs: 86_400_000 }],
  ])('a POST of %s %j acts', async (action, form, kind, args) => {
    const page = await press(link({ action }), form);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('<h1>Done</h1>')]);
    expect(api.world.requests).toEqual([{ leadId, kind, args }]);
  });

  test('a claim is the same request however often it is pressed, and is not named by its link', async () => {
    const path = link({ action: 'claim' });
    for (const page of [await press(path), await press(path)]) expect(page.status).toBe(200);
    const key = expect.stringMatching(/^link\/[0-9a-f]{40}$/);
    const claim = { leadId, kind: 'claim', args: { by: 'anna', hop: 0 }, key };
    expect(api.world.requests).toEqual([claim, claim]);
    expect(new Set(api.world.requests.map((one) => one.key)).size).toBe(1);
  });

  test.each([['GET'], ['POST']])(
    '%s of an expired, forged, void or orphaned link changes nothing and says why',
    async (method) => {
      const ask = (path: string) => (method === 'GET' ? look(path) : press(path));
      expect(await ask(link({ expiresAtMs: startMs - 1 }))).toMatchObject({
        status: 410,
        text: expect.stringContaining('too old'),
      });
      expect(await ask(link().slice(0, -2))).toMatchObject({
        status: 403,
        text: expect.stringContaining('not valid'),
      });
      expect((await ask('/l/%00')).status).toBe(403);
      expect(await ask(link({ repId: 'ben' }))).toMatchObject({
        status: 409,
        text: expect.stringContaining('with Anna Berger now'),
      });
      api.world.leads.clear();
      expect((await ask(link())).status).toBe(404);
      expect(api.world.requests).toEqual([]);
    },
  );

  test('somebody who is told of another one’s lead may hand it on, and nothing else', async () => {
    expect((await press(link({ repId: 'mira', action: 'reassign' }))).status).toBe(200);
    for (const action of ['claim', 'decline', 'snooze'] as const)
      expect((await press(link({ repId: 'mira', action }))).status).toBe(409);
    expect(api.world.requests).toMatchObject([{ kind: 'reassign', args: { by: 'mira', hop: 0 } }]);
  });

  test('a refusal of the run is shown with its reason, an unknown choice refused', async () => {
    api.world.answer = () => Promise.resolve({ ok: false, reason: 'The lead is <closed>' });
    expect(await press(link())).toMatchObject({
      status: 409,
      text: expect.stringContaining('The lead is &lt;closed&gt;. Nothing was changed.'),
    });
    expect((await press(link({ action: 'snooze' }), { for: '9d' })).status).toBe(422);
    expect((await press(link({ action: 'snooze' }))).status).toBe(422);
    expect((await press(link({ action: 'decline' }), { reason: 'x\0' })).status).toBe(400);
  });
});

describe('the console', () => {
  async function signIn(key: string = keys.admin): Promise<string> {
    const answer = await form('/console/login', { key });
    expect(answer.status).toBe(303);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^lr_session=.+; Path=\/console; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    return cookie.split(';')[0] ?? '';
  }
  const form = (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    api.call('POST', path, {
      as: null,
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const get = (path: string, cookie = ''): Promise<Answer> =>
    api.call('GET', path, { as: null, headers: { cookie } });
  const csrfOf = ({ text }: Answer): string => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';

  test.each([
    ['/console'],
    ['/console/stuck'],
    ['/console/pools'],
    ['/console/policy'],
    ['/console/reviews'],
    [`/console/leads/${leadId}`],
  ])('%s asks strangers to sign in', async (path) => {
    for (const cookie of ['', 'lr_session=x.y', 'lr_session=W10.', 'lr_session=']) {
      const page = await get(path, cookie);
      expect([page.status, page.text]).toEqual([401, expect.stringContaining('type="password"')]);
    }
  });

  test('shows every page with what stores hold, escaped', async () => {
    api.world.errors = [openError('err_1', 'crm.auth')];
    api.world.leads.set(
      leadId,
      leadView({ timeline: [{ at: leadView().receivedAt, what: 'assigned', rule: '<i>rule</i>' }] }),
    );
    const cookie = await signIn();
    const pages: Record<string, string> = {};
    for (const path of [
      '/console',
      '/console/stuck',
      '/console/pools',
      '/console/policy',
      `/console/leads/${leadId}`,
    ]) {
      const page = await get(path, cookie);
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.text).not.toMatch(/<script|<b>tired|<i>rule|token <expired/);
      pages[path] = page.text;
    }
    expect(pages['/console']).toContain('Anna Berger');
    expect(pages['/console/stuck']).toContain('token &lt;expired&gt;');
    expect(pages['/console/stuck']).toContain('the books balance');
    expect(pages['/console/pools']).toContain('&lt;b&gt;tired&lt;/b&gt;');
    expect(pages['/console/policy']).toContain('Europe/Berlin');
    expect(pages[`/console/leads/${leadId}`]).toContain('first touch due 2026-11-24 09:05 UTC');
    expect(pages[`/console/leads/${leadId}`]).toContain('Rule “everything”');
  });

  test('retries one error and all of a cause, with the token of the session only', async () => {
    api.world.errors = [openError('err_1', 'crm.auth'), openError('err_2', 'crm.auth')];
    const cookie = await signIn();
    const csrf = csrfOf(await get('/console/stuck', cookie));
    const one = await form('/console/errors/err_1/retry', { csrf }, { cookie });
    expect([one.status, one.headers.get('location')]).toEqual([303, '/console/stuck?retried=1']);
    await form('/console/errors/retry', { csrf, fingerprint: 'crm.auth' }, { cookie });
    expect(api.world.retried).toHaveLength(3);
    expect((await form('/console/errors/err_1/retry', {}, { cookie })).status).toBe(403);
    expect((await form('/console/errors/err_1/retry', { csrf: `${csrf}x` }, { cookie })).status).toBe(403);
    expect((await form('/console/errors/err_1/retry', { csrf })).status).toBe(401);
    expect((await form('/console/errors/err_9/retry', { csrf }, { cookie })).status).toBe(404);
    expect(api.world.retried).toHaveLength(3);
    expect((await get('/console/stuck?retried=1', cookie)).text).toContain('1 lead(s) were asked');
  });

  test('releases a lead that the gate turned away, and offers it for no other', async () => {
    const cookie = await signIn();
    const path = `/console/leads/${leadId}`;
    expect((await get(path, cookie)).text).not.toContain('/release');
    api.world.leads.set(leadId, { ...api.world.leads.get(leadId)!, status: 'rejected' });
    const page = await get(path, cookie);
    expect(page.text).toContain(`action="${path}/release"`);
    const done = await form(`${path}/release`, { csrf: csrfOf(page) }, { cookie });
    expect([done.status, done.headers.get('location')]).toEqual([303, path]);
    expect(api.world.begunAgain).toEqual([leadId]);
    expect((await form(`${path}/release`, {}, { cookie })).status).toBe(403);
  });

  test('shows people who may be one, side by side, and takes the verdict of an administrator only', async () => {
    const cookie = await signIn();
    const page = await get('/console/reviews', cookie);
    expect(page.text).toMatch(/Known person[\s\S]*Ada[\s\S]*A\.[\s\S]*phone same \+9\.0[\s\S]*Same person/);
    const [review] = api.world.reviews;
    const reasons = [{ fact: 'together', level: 'duplicate', bits: 0 }];
    api.world.reviews.splice(0, 1, { ...review!, reasons });
    expect((await get('/console/reviews', cookie)).text).toMatch(
      /Both are known, and the lead is near enough/,
    );
    api.world.reviews.splice(0, 1, review!);
    const verdict = { verdict: 'same', csrf: csrfOf(page) };
    const reader = await signIn(keys.read);
    expect((await get('/console/reviews', reader)).status).toBe(403);
    const own = csrfOf(await get('/console/stuck', reader));
    expect((await form('/console/reviews/rev_1', { ...verdict, csrf: own }, { cookie: reader })).status).toBe(
      403,
    );
    expect((await form('/console/reviews/rev_1', { ...verdict, verdict: 'maybe' }, { cookie })).status).toBe(
      422,
    );
    expect(api.world.reviews[0]?.state).toBe('open');
    expect((await form('/console/reviews/rev_1', verdict, { cookie })).status).toBe(303);
    expect(api.world.reviews[0]?.state).toBe('same');
    expect((await get('/console/reviews', cookie)).text).toContain('Nothing to decide.');
  });

  test('lets a reader look but not act', async () => {
    api.world.errors = [openError('err_1', 'crm.auth')];
    const cookie = await signIn(keys.read);
    const page = await get('/console/stuck', cookie);
    expect(page.text).not.toContain('/console/errors/err_1/retry');
    expect((await form('/console/errors/err_1/retry', { csrf: csrfOf(page) }, { cookie })).status).toBe(403);
  });

  test('ends the session with the key, after 12 hours, and on signing out', async () => {
    const cookie = await signIn();
    const out = await form('/console/logout', { csrf: csrfOf(await get('/console', cookie)) }, { cookie });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([303, expect.stringContaining('Max-Age=0')]);
    expect((await get('/console', cookie)).status).toBe(200);
    api.world.nowMs += 12 * 3_600_000 + 1;
    expect((await get('/console', cookie)).status).toBe(401);
    const fresh = await signIn(keys.read);
    await api.call('DELETE', '/v1/keys/key_read');
    expect((await get('/console', fresh)).status).toBe(401);
  });

  test('signs in nobody without a readable key, from a foreign page, or onto another site', async () => {
    expect((await form('/console/login', { key: 'lr_wrong' })).status).toBe(401);
    expect((await form('/console/login', { key: keys.intake })).status).toBe(401);
    expect(
      (await form('/console/login', { key: keys.admin }, { origin: 'https://evil.example' })).status,
    ).toBe(403);
    for (const next of ['https://evil.example', '//evil.example', '/console/../x', '/console//evil']) {
      expect((await form('/console/login', { key: keys.admin, next })).headers.get('location')).toBe(
        '/console',
      );
    }
    expect(
      (
        await form('/console/login', { key: keys.admin, next: '/console/stuck' }, { origin: api.url })
      ).headers.get('location'),
    ).toBe('/console/stuck');
  });

  test('says on a page what it refuses', async () => {
    const cookie = await signIn();
    const missing = await get('/console/leads/lead_nope', cookie);
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect((await get('/console?status=%00', cookie)).status).toBe(422);
  });
});
