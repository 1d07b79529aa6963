import { expectProblem, wrong } from './sample-policy';
import type { Case } from './sample-policy';

const conditions: readonly Case[] = [
  wrong('single =', ["match.owner != ''", "match.owner = ''"], {
    path: 'routing[0].when',
    at: "= ''",
    message: /cannot read "="/,
    expected: /==/,
  }),
  wrong('and', ['&& lead', 'and lead'], {
    path: 'routing[1].when',
    at: 'and lead',
    message: /cannot read "and"/,
    expected: /&&/,
  }),
  wrong('unknown variable', ['lead.country in', 'laed.country in'], {
    path: 'routing[1].when',
    at: 'laed',
    message: /unknown variable "laed" — did you mean "lead"/,
    expected: /lead, account, match, score, band/,
  }),
  wrong('unknown field', ['lead.country in', 'lead.contry in'], {
    path: 'routing[1].when',
    at: 'contry',
    message: /"lead" has no field "contry" — did you mean "country"/,
    expected: /source/,
  }),
  wrong('unknown method', ['lead.freeMail', "lead.title.startWith('a')"], {
    path: 'scoring.fit[1].when',
    at: 'startWith',
    message: /did you mean "startsWith"/,
    expected: /contains/,
  }),
  wrong('unknown function', ['lead.freeMail', 'now() > 1'], {
    path: 'scoring.fit[1].when',
    at: 'now()',
    message: /unknown function "now"/,
    expected: /size/,
  }),
  wrong('score while scoring', ['lead.freeMail', 'score > 1'], {
    path: 'scoring.fit[1].when',
    at: 'score',
    message: /unknown variable "score"/,
    expected: /lead, account, match/,
  }),
  wrong('text compared with a number', ["band == 'hot'", 'band == 1'], {
    path: 'routing[1].when',
    at: '== 1',
    message: /compares text with a whole number/,
    expected: /text/,
  }),
  wrong('number among texts', ["['DE', 'AT']", '[1, 2]'], {
    path: 'routing[1].when',
    at: 'lead.country in',
    message: /looks for text in a list of a whole number/,
    expected: /whole number/,
  }),
  wrong('not true or false', ['lead.freeMail', 'lead.country'], {
    path: 'scoring.fit[1].when',
    at: 'lead.country',
    message: /gives text/,
    expected: /true or false/,
  }),
  wrong('text as a condition', ['lead.freeMail', 'lead.freeMail && lead.country'], {
    path: 'scoring.fit[1].when',
    at: 'lead.country"',
    message: /text stands where true\/false/,
    expected: /true\/false/,
  }),
  wrong('whole and decimal mixed', ['account.employees >= 200', 'account.employees * 1.5 > 1'], {
    path: 'scoring.fit[0].when',
    at: '* 1.5',
    message: /\* combines/,
    expected: /double/,
  }),
  wrong('bad regular expression', ['lead.freeMail', "lead.title.matches('[a')"], {
    path: 'scoring.fit[1].when',
    at: "'[a'",
    message: /missing closing \]/,
    expected: /RE2/,
  }),
  wrong('number of arguments', ['lead.freeMail', "lead.title.contains('a', 'b')"], {
    path: 'scoring.fit[1].when',
    at: 'contains',
    message: /given 2 argument/,
    expected: /1 argument/,
  }),
];

test.each(conditions)('condition: $name is refused with its line and column', expectProblem);
