import { createHmac } from 'node:crypto';
import { signActionLink, type ActionLink } from '../../../domain/action-link';
import { slack } from '../../../api/webhooks/slack';
import { leadId, startApi, startMs, type TestApi } from './support';

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const token = (changes: Partial<ActionLink> = {}): string =>
  signActionLink(api.deps.linkKey, {
    leadId,
    hop: 0,
    repId: 'anna',
    action: 'claim',
    expiresAtMs: startMs + 1_000,
    ...changes,
  });
const pressed = (value: string | undefined, changes: object = {}): object => ({
  type: 'block_actions',
  user: { id: 'U2CERLKJA' },
  response_url: 'https://hooks.slack.example/actions/1',
  message: {
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: 'New lead' } },
      { type: 'actions', elements: [] },
    ],
  },
  actions: [{ action_id: 'claim', ...(value === undefined ? {} : { value }) }],
  ...changes,
});
const bodyOf = (payload: object): string => `payload=${encodeURIComponent(JSON.stringify(payload))}`;
const sign = (body: string, timestamp: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
const post = (body: string, { at = startMs, signature = '' } = {}) => {
  const timestamp = String(Math.floor(at / 1_000));
  return api.call('POST', '/v1/slack/interactions', {
    as: null,
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature || sign(body, timestamp),
    },
  });
};

describe('buttons in Slack', () => {
  it('do what the link does, and the message says so instead of its buttons', async () => {
    const answer = await post(bodyOf(pressed(token())));
    expect(answer.status).toBe(200);
    expect(api.world.requests).toMatchObject([{ leadId, kind: 'claim', args: { by: 'anna', hop: 0 } }]);
    expect(answer.json).toMatchObject({ replace_original: true });
    expect(answer.json.blocks.map(({ type }: { type: string }) => type)).toEqual(['section', 'section']);
    expect(answer.json.text).toContain('<@U2CERLKJA>');
    expect(api.world.slackReplies).toEqual([
      { url: 'https://hooks.slack.example/actions/1', message: answer.json },
    ]);
  });

  it.each([
    ['decline', { by: 'anna', hop: 0 }],
    ['reassign', { by: 'anna', hop: 0 }],
    ['snooze', { by: 'anna', hop: 0, forMs: 3_600_000 }],
  ] as const)('%s', async (action, args) => {
    await post(bodyOf(pressed(token({ action }))));
    expect(api.world.requests).toMatchObject([{ kind: action, args }]);
  });

  // Slack does not repeat, people do: two presses are one request, by its key.
  it('pressed twice are one request, whose key gives nobody the token', async () => {
    const body = bodyOf(pressed(token()));
    await post(body);
    await post(body);
    const keys = api.world.requests.map(({ key }) => key);
    expect(keys[0]).toMatch(/^slack\/[0-9a-f]{40}$/);
    expect(keys[1]).toBe(keys[0]);
    await post(bodyOf(pressed(token({ hop: 1 }))));
    expect(api.world.requests[2]?.key).not.toBe(keys[0]);
  });

  it('tell only the one who pressed that the lead does not allow it', async () => {
    api.world.answer = () => Promise.resolve({ ok: false, reason: 'the lead belongs to ben now' });
    expect((await post(bodyOf(pressed(token())))).json).toEqual({
      replace_original: false,
      response_type: 'ephemeral',
      text: 'Not possible: the lead belongs to ben now. Nothing was changed.',
    });
  });

  it.each([
    ['expired', () => token({ expiresAtMs: startMs - 1 }), 'too old'],
    ['forged', () => `${token().slice(0, -4)}AAAA`, 'not one of ours'],
  ])('do nothing with a token that is %s', async (_what, value, words) => {
    expect((await post(bodyOf(pressed(value())))).json.text).toContain(words);
    expect(api.world.requests).toEqual([]);
  });

  it.each([
    ['a link that was opened', () => pressed(undefined)],
    ['another kind of interaction', () => pressed('x', { type: 'view_submission' })],
  ])('%s is taken in and changes nothing', async (_what, payload) => {
    const answer = await post(bodyOf(payload()));
    expect([answer.status, answer.json]).toEqual([200, {}]);
    expect([api.world.requests, api.world.slackReplies]).toEqual([[], []]);
  });

  it('are not heard without the signature of the app over the bytes as sent', async () => {
    const body = bodyOf(pressed(token()));
    const timestamp = String(startMs / 1_000);
    const forged = await post(body, { signature: sign(`${body} `, timestamp) });
    expect([forged.status, forged.json.code]).toEqual([401, 'bad_signature']);
    const decoded = await post(body, { signature: sign(decodeURIComponent(body), timestamp) });
    expect(decoded.status).toBe(401);
    const stale = await post(body, { at: startMs - 301_000 });
    expect([stale.status, stale.json.code]).toEqual([400, 'stale_timestamp']);
    expect(api.world.requests).toEqual([]);
  });

  it.each([['payload=%7B'], ['other=1'], ['payload=%7B%22type%22%3A7%7D']])(
    'a body such as %s is refused with what is wrong',
    async (body) => {
      expect([400, 422]).toContain((await post(body)).status);
    },
  );

  it('do not exist without a Slack app', async () => {
    await api.close();
    api = await startApi(() => ({ slack: undefined }));
    expect((await post(bodyOf(pressed('x')))).status).toBe(404);
  });
});

// https://docs.slack.dev/authentication/verifying-requests-from-slack
test('the signature of Slack’s published example is taken, at its time', () => {
  const body = Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  );
  const headers: Record<string, string> = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  };
  const header = (name: string): string | undefined => headers[name];
  const verify = (nowMs: number) =>
    slack.verify([secret], { method: 'POST', url: '', header, headerNames: [], body, nowMs });
  expect(verify(1_531_420_618_000)).toEqual({ ok: true });
  expect(verify(1_531_420_618_000 + 300_000)).toEqual({ ok: true });
  expect(verify(1_531_420_618_000 + 301_000)).toEqual({ ok: false, reason: 'stale' });
});
