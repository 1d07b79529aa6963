import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { linkActions, signActionLink, verifyActionLink, type ActionLink } from '../../domain/action-link';
import { deriveLeadId } from '../../domain/ids';

const key = Buffer.alloc(32, 1);
const nowMs = Date.parse('2026-11-24T09:00:00Z');
const link: ActionLink = {
  leadId: deriveLeadId('test', 'one'),
  hop: 2,
  repId: 'anna',
  action: 'claim',
  expiresAtMs: nowMs,
};

describe('action links', () => {
  it('give back what was signed, as text that needs no escaping in a URL', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(...linkActions),
        (hop, repId, action) => {
          const token = signActionLink(key, { ...link, hop, repId, action });
          expect(encodeURIComponent(token)).toBe(token);
          expect(verifyActionLink(key, token, nowMs)).toEqual({
            ok: true,
            link: { ...link, hop, repId, action },
          });
        },
      ),
    );
  });

  it('hold up to their last millisecond', () => {
    const token = signActionLink(key, link);
    expect(verifyActionLink(key, token, nowMs).ok).toBe(true);
    expect(verifyActionLink(key, token, nowMs + 1)).toEqual({ ok: false, reason: 'expired' });
  });

  it('are void under another key, expired or not', () => {
    const token = signActionLink(Buffer.alloc(32, 2), link);
    expect(verifyActionLink(key, token, nowMs + 1)).toEqual({ ok: false, reason: 'forged' });
  });

  it('are void after any change of a character', () => {
    const token = signActionLink(key, link);
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'b', '0', '_', '.', '=', 'ë'),
        (at, other) => {
          fc.pre(token[at] !== other);
          const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
          expect(verifyActionLink(key, changed, nowMs)).toEqual({ ok: false, reason: 'forged' });
        },
      ),
    );
  });

  it.each([
    '',
    '.',
    '..',
    'a.b',
    'a.b.c',
    `${signActionLink(key, link)}.`,
    signActionLink(key, link).split('.')[0],
  ])('do not take %j for one', (token) => {
    expect(verifyActionLink(key, token ?? '', nowMs)).toEqual({ ok: false, reason: 'forged' });
  });

  const parts = [link.leadId, 1, 'anna', 'claim', nowMs];
  const strange = [
    [],
    [1, 2, 3, 4, 5],
    [...parts, 1],
    parts.with(0, 'lead_1'),
    parts.with(1, '1'),
    parts.with(2, 7),
    parts.with(3, 'delete'),
    parts.with(4, null as unknown as number),
  ];
  // The key signs nothing but links today; a genuine MAC over anything else must still not become an action.
  it.each(['', 'null', '{}', '["', ...strange.map((value) => JSON.stringify(value))])(
    'refuse a signed payload that is no link: %j',
    (payload) => {
      const encoded = Buffer.from(payload).toString('base64url');
      const mac = createHmac('sha256', key).update(encoded).digest('base64url');
      expect(verifyActionLink(key, `${encoded}.${mac}`, nowMs)).toEqual({ ok: false, reason: 'forged' });
    },
  );
});
