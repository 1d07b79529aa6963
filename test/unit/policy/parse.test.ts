import { parsePolicy } from '../../../policy/parse';
import { accepted, change, refused, sample, textAt } from './sample-policy';

describe('a document that is right', () => {
  test('comes back complete, with defaults and shorthands written out', () => {
    const { policy, findings } = accepted(change('{ anna: 2, ben: 1 }', '[anna, ben]'));
    expect(findings).toEqual([]);
    expect(policy.pools['inbound']).toMatchObject({
      members: { anna: 1, ben: 1 },
      mode: 'weighted',
      whenNobody: { kind: 'rep', rep: 'mira' },
    });
    expect(policy.calendars['berlin']?.holidays).toEqual(['DE-BY']);
    expect(policy.reps[0]).toMatchObject({ skills: {}, caps: {} });
    expect(policy.sla['hot']).toMatchObject({ maxHops: 3, closeAfter: '30d' });
    expect(policy.routing.map((rule) => rule.to)).toEqual([
      { kind: 'owner' },
      { kind: 'rep', rep: 'anna' },
      { kind: 'pool', pool: 'inbound' },
    ]);
  });

  test('may be JSON', () => {
    const { policy } = accepted(sample);
    const { reps, calendars, sla } = policy;
    const json = JSON.stringify(
      { calendars, reps, sla, routing: [{ rule: 'all', to: 'rep/anna', sla: 'hot' }] },
      null,
      2,
    );
    expect(accepted(json).policy.scoring).toEqual({
      fit: [],
      engagement: { halfLife: '14d', points: {} },
      bands: { hot: 70, warm: 40, hysteresis: 0 },
      reroute: 'any',
    });
  });

  test('may share values by alias', () => {
    const text = change(
      'hot: { clock',
      'standard: &slow { clock: wall, touch: 1h }\n  other: *slow\n  hot: { clock',
    );
    expect(accepted(text).policy.sla['other']).toEqual(accepted(text).policy.sla['standard']);
  });
});

test('line and column are counted from one', () => {
  expect(refused(change('to: pool/inbound', 'to: pool/x'))[0]).toMatchObject({
    path: 'routing[2].to',
    line: 18,
    column: 34,
  });
});

test('every problem of a stage is reported, in the order of the text', () => {
  const text = change(
    'touch: 5m',
    'touch: soon',
    change('anna: 2', 'anna: 0', change('reps:\n', 'color: red\nreps:\n')),
  );
  expect(refused(text).map((problem) => problem.path)).toEqual([
    'color',
    'pools.inbound.members.anna',
    'sla.hot.touch',
  ]);
});

test.each([
  ['literal block', 'when: |\n      lead.freeMail &&\n      nope == 1\n', 'nope'],
  ['folded block', 'when: >-\n      lead.freeMail &&\n      nope == 1\n', 'nope'],
  ['plain text', 'when: lead.freeMail && nope == 1\n', 'nope'],
])('a fault inside a condition written as %s is found in its line', (_style, when, at) => {
  const rule = `routing:\n  - rule: first\n    to: anna\n    sla: hot\n    ${when}`;
  const text = change('routing:\n', rule);
  const [problem] = refused(text);
  expect(problem && textAt(text, problem).startsWith(at)).toBe(true);
});

test('a fault behind escapes is named by its place in the condition', () => {
  const text = change('"lead.freeMail"', '"lead.city == \\"x\\" && nope"');
  expect(refused(text)[0]).toMatchObject({
    path: 'scoring.fit[1].when',
    message: 'unknown variable "nope" (character 21 of the condition)',
  });
});

test.each([
  ['empty', ''],
  ['a list', '- a\n'],
  ['text', 'hello'],
  ['nothing but a comment', '# later\n'],
])('a document that is %s is refused, not thrown at', (_name, text) => {
  expect(refused(text)[0]).toMatchObject({ path: '', line: 1 });
});

test('a chain of aliases that would explode is refused', () => {
  const layer = (index: number): string =>
    `l${String(index)}: &l${String(index)} [${`*l${String(index - 1)}, `.repeat(9)}]`;
  const bomb = [
    'l0: &l0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 8 }, (_, index) => layer(index + 1)),
  ].join('\n');
  expect(refused(bomb)[0]?.message).toMatch(/alias/);
});

test('deep nesting and huge documents are refused with few problems', () => {
  expect(refused(`reps: ${'['.repeat(20_000)}`).length).toBeLessThanOrEqual(50);
  expect(refused(`# ${'x'.repeat(1_000_001)}`)[0]?.expected).toMatch(/1000000/);
});

test('parsing never throws, whatever one character is replaced by', () => {
  for (let index = 0; index < sample.length; index += 7) {
    for (const character of ['{', '"', ':', '*', '\0', 'ß']) {
      const text = sample.slice(0, index) + character + sample.slice(index + 1);
      expect(() => parsePolicy(text)).not.toThrow();
    }
  }
});
