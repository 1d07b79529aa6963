import { cpuSeconds, parsePs, parseStat, rssMiB } from '../../../bench/process-cost';

test('a line of /proc is read whatever the program calls itself', () => {
  const fields = [
    'S',
    '41',
    ...Array<string>(9).fill('0'),
    '150',
    '50',
    '7',
    '3',
    ...Array<string>(6).fill('0'),
    '256',
  ];
  expect(parseStat(`42 (a) b (c) ${fields.join(' ')}`)).toEqual({
    pid: 42,
    parent: 41,
    cpuSeconds: 2.1,
    rssKiB: 1_024,
  });
});

test('ps writes times in three ways', () => {
  const output = '    1     0   0:01.50  1024\n   20     1 01:02:03   10\n   30    20 2-00:00:01 10\n';
  expect(parsePs(output)).toEqual([
    { pid: 1, parent: 0, cpuSeconds: 1.5, rssKiB: 1_024 },
    { pid: 20, parent: 1, cpuSeconds: 3_723, rssKiB: 10 },
    { pid: 30, parent: 20, cpuSeconds: 172_801, rssKiB: 10 },
  ]);
});

test('this very process has used time and memory', () => {
  expect(cpuSeconds([process.pid])).toBeGreaterThan(0);
  expect(rssMiB(process.pid)).toBeGreaterThan(10);
});
