import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { signWebhook, verifyWebhook } from '../../domain/standard-webhooks';
import cases from '../fixtures/standard-webhooks.json';

interface Case {
  readonly id: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: string;
  readonly now: number;
  readonly valid: boolean;
  readonly why: string;
}

function headerOf(headers: Readonly<Record<string, string | undefined>>) {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name: string): string | undefined => lower.get(name);
}

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const older = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const nowMs = Date.parse('2026-11-24T09:00:00.900Z');
const message = { id: 'msg_1', body: '{"a":"ë"}', nowMs };

function verify(
  headers: Readonly<Record<string, string | undefined>>,
  changes: { secrets?: readonly string[]; atMs?: number; body?: string } = {},
) {
  const { secrets = [secret], atMs = nowMs, body = message.body } = changes;
  return verifyWebhook(secrets, { header: headerOf(headers), body: Buffer.from(body), nowMs: atMs });
}

describe('Standard Webhooks', () => {
  it('has all 15 recorded deliveries', () => expect(cases).toHaveLength(15));

  it.each(cases as readonly Case[])(
    'decides $id as recorded: $why',
    ({ secret: own, headers, rawBody, now, valid }) => {
      const verdict = verifyWebhook([own], {
        header: headerOf(headers),
        body: Buffer.from(rawBody),
        nowMs: now,
      });
      expect(verdict.ok).toBe(valid);
      // A source that rotates its secret holds two; the other one must change nothing.
      expect(verify(headers, { secrets: [older, own], atMs: now, body: rawBody }).ok).toBe(valid);
    },
  );

  it('signs as an independent library does, for any id and body', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w:.-]{1,60}$/), fc.string({ unit: 'grapheme' }), (id, body) => {
        const signed = signWebhook(secret, { id, body, nowMs });
        expect(signed['webhook-signature']).toBe(new Webhook(secret).sign(id, new Date(nowMs), body));
        expect(verify({ ...signed }, { body })).toEqual({ ok: true, id });
      }),
    );
  });

  it('accepts 300 whole seconds either way and not one more', () => {
    const signed = { ...signWebhook(secret, message) };
    const at = (seconds: number) => verify(signed, { atMs: nowMs + seconds * 1_000 });
    expect([at(-300), at(300)].map(({ ok }) => ok)).toEqual([true, true]);
    expect([at(-301), at(301)]).toEqual([
      { ok: false, reason: 'stale' },
      { ok: false, reason: 'stale' },
    ]);
  });

  it.each([
    ['no secret', { secrets: [] }, 'no_secret'],
    ['another secret', { secrets: [older] }, 'bad_signature'],
    ['another body', { body: '{"a":"e"}' }, 'bad_signature'],
    ['another body, long ago', { body: '{}', atMs: nowMs + 9e6 }, 'bad_signature'],
  ] as const)('refuses with %s', (_what, changes, reason) => {
    expect(verify({ ...signWebhook(secret, message) }, changes)).toEqual({ ok: false, reason });
  });

  it.each(['', '-1', '1e9', '1795510800.5', ' 1795510800', '99999999999999999', 'now'])(
    'refuses the timestamp %j before it looks at the signature',
    (timestamp) => {
      const verdict = verify({ ...signWebhook(secret, message), 'webhook-timestamp': timestamp });
      expect(verdict).toEqual({ ok: false, reason: timestamp === '' ? 'missing_header' : 'bad_timestamp' });
    },
  );

  it.each(['v1,', 'v1', ',', 'v1,AAAA', 'v2,AAAA', 'v1,AAAA v1a,AAAA'])(
    'refuses the signature %j',
    (signature) => {
      expect(verify({ ...signWebhook(secret, message), 'webhook-signature': signature }).ok).toBe(false);
    },
  );

  // Under an empty key anybody could sign.
  it.each(['', 'whsec_', 'whsec_!!'])('does not take %j for a secret', (empty) => {
    expect(() => signWebhook(empty, message)).toThrow(RangeError);
    const forged = signWebhook(secret, message);
    expect(verify({ ...forged }, { secrets: [empty] })).toEqual({ ok: false, reason: 'no_secret' });
    expect(verify({ ...forged }, { secrets: [empty, secret] }).ok).toBe(true);
  });
});
