import fc from 'fast-check';
import type { SourceKind } from '../../api/ports';
import { webhookSchemes } from '../../api/webhooks/registry';
import type { Delivery } from '../../api/webhooks/scheme';
import { deliver, recorded } from '../unit/webhooks/recorded';

interface Good {
  readonly id: string;
  readonly kind: SourceKind;
  readonly secret: string;
  readonly delivery: Delivery;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of every kind that signs, one delivery that is good. */
const good: readonly Good[] = [
  'hubspot-v3-valid',
  'hubspot-v2-published-post',
  'hubspot-v1-valid',
  'meta-valid',
  'linkedin-valid',
  'typeform-valid',
  'webflow-valid',
  'calendly-valid',
  'stripe-valid',
  'intercom-valid',
  'segment-valid',
  'sw-valid',
  'svix-published',
  'slack-valid-block-action',
].map((id) => {
  const one = recorded.find((known) => known.id === id)!;
  return { id, secret: one.secret!, headers: one.headers, ...deliver(one) };
});
/** Kinds that show a secret instead of signing. */
const shown: readonly Good[] = ['google-valid', 'pipedrive-valid', 'generic-bearer-valid'].map((id) => {
  const one = recorded.find((known) => known.id === id)!;
  return { id, secret: one.secret!, headers: one.headers, ...deliver(one) };
});
/** Headers that no verifier looks at, or may do without. */
const irrelevant = /^(content-type|x-hub-signature|x-hubspot-signature-version)$/i;
const signing = ({ kind, headers }: Good): readonly string[] =>
  Object.keys(headers).filter((name) => !irrelevant.test(name) || (kind === 'intercom' && /hub/i.test(name)));

function accepts(
  one: Good,
  changes: Partial<Delivery> = {},
  secrets: readonly string[] = [one.secret],
): boolean {
  return webhookSchemes[one.kind].verify(secrets, { ...one.delivery, ...changes }).ok;
}

function headersOf(
  one: Good,
  change: (name: string, value: string) => string | undefined,
): Delivery['header'] {
  const changed = new Map(
    Object.entries(one.headers).map(([name, value]) => [name.toLowerCase(), change(name, value)]),
  );
  return (name) => changed.get(name.toLowerCase());
}

describe.each([...good, ...shown].map((one) => [one.id, one] as const))('%s', (_id, one) => {
  test('is accepted with either of two live secrets, and with no other', () => {
    const other = one.secret.startsWith('whsec_')
      ? 'whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA=='
      : 'someone:elses-secret';
    expect(accepts(one)).toBe(true);
    expect(accepts(one, {}, [other, one.secret])).toBe(true);
    expect(accepts(one, {}, [other])).toBe(false);
  });

  test.each([[[]], [['']], [['  ']], [['', ' ']]])(
    'is refused by a source whose secrets are %j',
    (secrets) => {
      expect(webhookSchemes[one.kind].verify(secrets, one.delivery)).toEqual({
        ok: false,
        reason: 'no_secret',
      });
    },
  );

  test('is refused without any one of its signing headers, and with one of them sent twice', () => {
    for (const missing of signing(one)) {
      expect(
        accepts(one, { header: headersOf(one, (name, value) => (name === missing ? undefined : value)) }),
      ).toBe(false);
      const twice = headersOf(one, (name, value) => (name === missing ? `${value}, ${value}` : value));
      // Standard Webhooks sends lists: a list that holds the signature holds it.
      const isList = /^(webhook|svix)-signature$/i.test(missing);
      expect([missing, accepts(one, { header: twice })]).toEqual([missing, isList]);
    }
  });
});

test('one changed byte of the body is refused', () => {
  fc.assert(
    fc.property(fc.constantFrom(...good), fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, by) => {
      const body = Buffer.from(one.delivery.body);
      const index = at % body.length;
      body[index] = (body[index] ?? 0) ^ by;
      return !accepts(one, { body });
    }),
    { numRuns: 1_000 },
  );
});

test('bytes added to the body or taken from it are refused', () => {
  for (const one of good) {
    const { body } = one.delivery;
    expect([one.id, accepts(one, { body: body.subarray(0, -1) })]).toEqual([one.id, false]);
    expect([one.id, accepts(one, { body: Buffer.concat([body, Buffer.from(' ')]) })]).toEqual([
      one.id,
      false,
    ]);
  }
});

test('one changed character of a signing header is refused', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...good),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(...'0123456789abcdefXYZ+/=,'.split('')),
      (one, which, at, character) => {
        const names = signing(one);
        const changed = names[which % names.length]!;
        const header = headersOf(one, (name, value) => {
          if (name !== changed) return value;
          const index = at % value.length;
          return value.slice(0, index) + character + value.slice(index + 1);
        });
        const before = one.headers[changed]!;
        const isSame = header(changed)!.toLowerCase() === before.toLowerCase();
        return isSame || !accepts(one, { header });
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a signed time is good for five minutes either way', () => {
  const timed = good.filter(({ headers }) =>
    Object.entries(headers).some(([name, value]) => /timestamp/i.test(name) || value.startsWith('t=')),
  );
  expect(timed.map(({ kind }) => kind)).toEqual([
    'hubspot',
    'webflow',
    'calendly',
    'stripe',
    'standard-webhooks',
    'standard-webhooks',
    'slack',
  ]);
  for (const one of timed) {
    const at = signedAt(one);
    expect(accepts(one, { nowMs: at + 300_000 })).toBe(true);
    expect(accepts(one, { nowMs: at - 300_000 })).toBe(true);
    const late = webhookSchemes[one.kind].verify([one.secret], { ...one.delivery, nowMs: at + 301_000 });
    const early = webhookSchemes[one.kind].verify([one.secret], { ...one.delivery, nowMs: at - 301_000 });
    expect([late, early]).toEqual([
      { ok: false, reason: 'stale' },
      { ok: false, reason: 'stale' },
    ]);
  }
});

function signedAt({ headers, kind }: Good): number {
  const text = Object.entries(headers)
    .map(([name, value]) => (/timestamp/i.test(name) ? value : /^t=(\d+)/.exec(value)?.[1]))
    .find((found) => found !== undefined);
  return Number(text) * (kind === 'hubspot' || kind === 'webflow' ? 1 : 1_000);
}

test.each(['1795435198abc', '-1', '1e9', '', ' 1795435198', '0x6b', '17954351980000000000'])(
  'a time written as %j is refused by every kind that has one',
  (text) => {
    for (const one of good) {
      const name = signing(one).find((header) => /timestamp/i.test(header));
      if (name === undefined) continue;
      expect([
        one.id,
        accepts(one, { header: headersOf(one, (other, value) => (other === name ? text : value)) }),
      ]).toEqual([one.id, false]);
    }
  },
);

test('whatever is sent, a verifier answers and no forgery passes', () => {
  const schemes = Object.entries(webhookSchemes);
  fc.assert(
    fc.property(
      fc.constantFrom(...schemes),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.uint8Array({ maxLength: 60 }),
      ([, scheme], header, body) =>
        !scheme.verify(['c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0'], {
          method: 'POST',
          url: 'https://leads.example/v1/webhooks/x',
          headerNames: [],
          header: () => header,
          body: Buffer.from(body),
          nowMs: 0,
        }).ok,
    ),
    { numRuns: 2_000 },
  );
});
