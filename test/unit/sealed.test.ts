import { openTexts, sealText } from '../../domain/sealed';

const key = Buffer.alloc(32, 1);
const reason = 'Zoë has left';

test('what people wrote is opened by the key it was sealed with, and nothing of it shows before', () => {
  const sealed = sealText(key, reason);
  expect(sealed).not.toContain('Zo');
  expect(sealText(key, reason)).not.toBe(sealed);
  expect(openTexts(key, { reason: sealed, by: sealText(key, 'Mira'), hop: 1 })).toEqual({
    reason,
    by: 'Mira',
    hop: 1,
  });
});

// Runs under way carry texts of before; and no text may stop a lead.
test.each([
  ['never sealed', reason],
  ['sealed with another key', sealText(Buffer.alloc(32, 2), reason)],
  ['marked by whoever wrote it', 'sealed.1.'],
])('a text that was %s is taken as it is', (_what, text) => {
  expect(openTexts(key, { reason: text })).toEqual({ reason: text });
  expect(openTexts(key, {})).toEqual({});
});
