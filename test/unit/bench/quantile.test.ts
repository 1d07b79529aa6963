import { median, quantile, rounded, spread } from '../../../bench/quantile';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [[7], 0.99, 7],
  [[1, 2], 0.5, 1],
  [[3, 1, 2], 0.5, 2],
  [hundred, 0, 1],
  [hundred, 0.5, 50],
  [hundred, 0.99, 99],
  [hundred, 1, 100],
])('the quantile is a value that was measured: %j at %d', (values, q, expected) => {
  expect(quantile(values, q)).toBe(expected);
});

test('numbers are compared as numbers, and the caller keeps the order', () => {
  const values = [10, 9, 100];
  expect(quantile(values, 0.5)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test.each([
  [[], 0.5],
  [[1], -0.1],
  [[1], 1.1],
  [[1], NaN],
])('no quantile of %j at %d', (values, q) => {
  expect(() => quantile(values, q)).toThrow(RangeError);
});

test('the median of an even number lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([4, 1, 3])).toBe(3);
  expect(median([5])).toBe(5);
});

test('a spread is rounded to tenths', () => {
  expect(spread([1.23, 4.56, 7.89])).toEqual({ p50: 4.6, p99: 7.9 });
  expect(rounded(1.005, 2)).toBeCloseTo(1, 1);
});
