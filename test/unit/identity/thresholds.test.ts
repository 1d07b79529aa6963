import fc from 'fast-check';
import {
  fewestVerdicts,
  proposeThresholds,
  type ThresholdReport,
  type Verdict,
} from '../../../domain/identity/thresholds';

const now = { acceptBits: 5, reviewBits: -2 };
const many = (count: number, bits: number, same: boolean): Verdict[] =>
  Array.from({ length: count }, () => ({ bits, same }));
const reportOf = (verdicts: readonly Verdict[]): ThresholdReport => {
  const proposal = proposeThresholds(verdicts, now);
  if (proposal.kind !== 'proposed') throw new Error('too few');
  return proposal.report;
};

test('a few verdicts change nothing and say how many are missing', () => {
  expect(proposeThresholds(many(fewestVerdicts - 3, 4, true), now)).toEqual({
    kind: 'too_few',
    verdicts: fewestVerdicts - 3,
    missing: 3,
  });
});

test('many verdicts without a mistake lower what is merged without a question', () => {
  const report = reportOf([...many(300, 3, true), ...many(30, -1, false)]);
  expect(report.after.acceptBits).toBe(3);
  expect(report.merged).toEqual({ right: 300, wrong: 0 });
  expect(report.precision).toBeGreaterThanOrEqual(0.995);
});

test('as many as are needed to be sure and no fewer', () => {
  expect(reportOf(many(100, 3, true)).after.acceptBits).toBe(5);
  expect(reportOf(many(250, 3, true)).after.acceptBits).toBe(3);
});

test('mistakes among them keep it where it is', () => {
  const report = reportOf([...many(300, 3, true), ...many(5, 3, false)]);
  expect(report.after.acceptBits).toBe(5);
  expect(report.merged).toEqual({ right: 0, wrong: 0 });
});

test('mistakes above it raise it over them', () => {
  expect(reportOf([...many(60, 2, true), ...many(3, 7.23, false)]).after.acceptBits).toBe(7.4);
});

test('what was hardly ever one is asked about no more, what was not asked is not known', () => {
  const report = reportOf([...many(100, 2, true), ...many(100, -1.5, false), ...many(1, -1.5, true)]);
  expect(report.after.reviewBits).toBe(2);
  expect(report.keptApart).toEqual({ right: 100, wrong: 1 });
  expect(report.asked).toBe(100);
  expect(reportOf(many(100, -3, true)).after.reviewBits).toBe(-2);
});

test('every verdict is counted once, and the thresholds keep their order', () => {
  const verdict = fc.record({ bits: fc.double({ min: -4, max: 12, noNaN: true }), same: fc.boolean() });
  fc.assert(
    fc.property(fc.array(verdict, { minLength: fewestVerdicts, maxLength: 200 }), (verdicts) => {
      const { merged, keptApart, asked, same, different, after, precision } = reportOf(verdicts);
      expect(merged.right + merged.wrong + keptApart.right + keptApart.wrong + asked).toBe(verdicts.length);
      expect(same + different).toBe(verdicts.length);
      expect(after.reviewBits).toBeLessThanOrEqual(after.acceptBits);
      if (merged.wrong > 0) expect(precision).toBeGreaterThanOrEqual(0.995);
    }),
  );
});
