import { readableLine } from '../../../services/readable-line';
import { restartPauseMs } from '../../../services/supervise';

test.each([
  ['{"level":"info","msg":"started"}', undefined],
  ['', undefined],
  ['{"level":"warn","msg":"slow"}', 'warn: slow'],
  [
    '{"level":50,"msg":"failed","err":{"message":"no route"},"leadId":"lead_1"}',
    'error: failed (no route) [lead_1]',
  ],
  ['Error: boom', 'Error: boom'],
  ['{ not json', '{ not json'],
])('%j is shown as %j', (line, shown) => {
  expect(readableLine(line)).toBe(shown);
});

test('pauses between restarts double up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map(restartPauseMs)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});
