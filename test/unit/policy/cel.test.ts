import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { celFacts, CelEvaluationError, compileCondition } from '../../../policy/cel';
import type { Condition } from '../../../policy/cel';
import { routingScope } from '../../../policy/cel-types';
import { factsOf } from './sample-policy';

const facts = factsOf({
  lead: {
    country: 'DE',
    title: 'Head of IT',
    freeMail: true,
    utm: { campaign: 'autumn' },
    emailDomain: 'nordwind.example',
    emailDeliverable: 'yes',
  },
  account: { employees: 200, name: 'Nordwind' },
  match: { owner: 'anna' },
});
const variables = celFacts(facts, [], { score: 65, band: 'hot' });

function condition(text: string): Condition {
  const result = compileCondition(text, routingScope);
  if (!result.ok) throw new Error(`${text}: ${result.fault.message}`);
  return result.condition;
}

function failureIn(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

test.each([
  ['account.employees >= 200', true],
  ['account.employees > 200', false],
  ['account.employees >= 199.5', true],
  ['account.employees == 200', true],
  ['account.employees + 1 == 201', true],
  ['account.employees % 2 == 0 && -score < 0', true],
  ['double(account.employees) * 1.5 > 299.0', true],
  ["lead.country in ['DE', 'AT', 'CH']", true],
  ["lead.country in ['FR']", false],
  ["!(lead.country in ['FR']) && lead.freeMail", true],
  ["lead.emailDeliverable != 'no'", true],
  ["lead.emailDomain.startsWith('nord') && lead.emailDomain.endsWith('.example')", true],
  ["lead.title.lowerAscii().contains('head of')", true],
  ["lead.title.matches('(?i)^head')", true],
  ["has(lead.utm.campaign) && lead.utm.campaign == 'autumn'", true],
  ['has(lead.utm.term)', false],
  ["has(lead.utm.term) && lead.utm.term == 'x'", false],
  ["'campaign' in lead.utm && lead.utm['campaign'] == 'autumn'", true],
  ["['Head', 'VP'].exists(word, lead.title.startsWith(word))", true],
  ["size(lead.title) == 10 ? band == 'hot' : false", true],
  ["score >= 65 && band == 'hot' && match.owner != ''", true],
  ["lead['country'] == 'DE'", true],
])('%s is %s', (text, verdict) => {
  expect(condition(text).evaluate(variables)).toBe(verdict);
});

test('a fact that is missing at run time is an error, not false', () => {
  const campaign = condition("lead.utm.term == 'x'");
  expect(() => campaign.evaluate(variables)).toThrow(CelEvaluationError);
});

// What is thrown here ends in histories and logs, which outlive an erasure.
test.each([
  ['int(lead.title) == 1', /^a value cannot be converted at character 1: int\(lead\.title\) == 1$/],
  ['bool(lead.title)', /^a value cannot be converted/],
  ["lead.country.matches(lead.title + '(')", /^a pattern cannot be read at character 13: \.matches/],
  ['lead.utm[lead.title] == lead.country', /^a field is missing at character \d+: /],
  ["lead.country.charAt(9) == 'a'", /^there is no such index/],
  ["lead.title.substring(3, 1) == ''", /^a function does not take the value/],
  ['1 / (account.employees - 200) == 1', /^a division by zero$/],
  ['account.employees + 9223372036854775807 > 1', /^a number is too large$/],
  ['dyn(lead.title) > 1', /^an operation does not fit the type of the value/],
])('%s says what kind of fault it is and where, and nothing of the lead', (text, message) => {
  const fault = failureIn(() => condition(text).evaluate(variables));
  expect(fault).toBeInstanceOf(CelEvaluationError);
  expect((fault as Error).message).toMatch(message);
  expect(inspect(fault, { depth: 9 })).not.toContain('Head of IT');
});

test('a condition that gives no verdict at run time is an error', () => {
  expect(() => condition('dyn(lead.country)').evaluate(variables)).toThrow(/true or false/);
});

test('a pattern cannot be made to run for ever', () => {
  const slow = condition("lead.title.matches('^(a+)+$')");
  const title = `${'a'.repeat(5_000)}b`;
  expect(slow.evaluate(celFacts(factsOf({ lead: { title } }), []))).toBe(false);
});

test('a condition says what it looks at, and which utm keys it does not guard', () => {
  const { uses } = condition(
    "lead.country == 'DE' && score > 1 && lead.utm.term == 'x' && has(lead.utm.campaign) && lead.utm.campaign == 'y'",
  );
  expect([...uses.facts].sort()).toEqual(['lead.country', 'lead.utm', 'score']);
  expect([...uses.unguardedUtm]).toEqual(['term']);
});

test.each([
  ['', 0, /ends too early/],
  ['constructor == 1', 0, /unknown variable "constructor"/],
  ['lead.toString == 1', 5, /no field "toString"/],
  ['lead.consent constructor', 13, /cannot read "constructor"/],
  ['lead.country ==', 13, /cannot read "="/],
  ["lead.country.foo == 'x'", 13, /text has no field "foo"/],
  ["lead == 'x'", 5, /the group "lead"/],
  ['lead.country > 5', 13, /> compares text with a whole number/],
  ["'x' in lead.country", 7, /"in" looks into text/],
  ["lead.nope['x'] == 1", 5, /no field "nope"/],
  ["account['x'] == 'y'", 8, /no field "x"/],
  ["score.contains('x')", 0, /contains\(\) is asked of a whole number/],
  ['lead.title.contains(5)', 20, /contains\(\) is given a whole number/],
  ['Foo{a: 1} == null', 0, /unknown type "Foo"/],
  ['lead.country ? true : false', 0, /text stands where/],
  ['!lead.country', 1, /text stands where/],
])('%p does not compile (character %i)', (text, offset, message) => {
  const result = compileCondition(text, routingScope);
  expect(result).toMatchObject({ ok: false, fault: { message: expect.stringMatching(message) } });
  expect(!result.ok && result.fault.offset).toBe(offset);
});

test('the documentation has every fact that a condition may look at', () => {
  const docs = readFileSync(join(__dirname, '../../../docs/policy.md'), 'utf8');
  const facts = Object.entries(routingScope).flatMap(([name, type]) =>
    type.kind === 'facts' ? Object.keys(type.fields).map((field) => `${name}.${field}`) : [name],
  );
  expect(facts.length).toBeGreaterThan(20);
  expect(facts.filter((fact) => !docs.includes(`\`${fact}\``))).toEqual([]);
});
