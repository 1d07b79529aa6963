import type { LeadFacts } from '../../../domain/lead';
import { parsePolicy } from '../../../policy/parse';
import type { Problem } from '../../../policy/parse';

/** A small policy without findings; tests change one place of it. Line numbers in the tests are its lines. */
export const sample = `calendars:
  berlin: { timeZone: Europe/Berlin, week: { mon-fri: ["09:00-17:00"] }, holidays: DE-BY }
reps:
  - { id: anna, name: Anna Berger, email: anna@example.com, manager: mira, calendar: berlin }
  - { id: ben, name: Ben Okafor, email: ben@example.com, manager: mira, calendar: berlin }
  - { id: mira, name: Mira Lindqvist, email: mira@example.com, calendar: berlin }
pools:
  inbound: { members: { anna: 2, ben: 1 }, whenNobody: mira }
scoring:
  fit:
    - { when: "account.employees >= 200", points: 25, because: "company size" }
    - { when: "lead.freeMail", points: -10, because: "free mail" }
  engagement: { halfLife: 14d, points: { demo_request: 40, webinar: 10 } }
  bands: { hot: 60, warm: 30, hysteresis: 5 }
routing:
  - { rule: known owner, when: "match.owner != ''", to: owner, sla: hot }
  - { rule: big, when: "band == 'hot' && lead.country in ['DE', 'AT']", to: anna, sla: hot }
  - { rule: everything else, to: pool/inbound, sla: hot }
sla:
  hot: { clock: business, touch: 5m, steps: [{ after: 3m, do: remind }, { after: 5m, do: reassign }, { after: 15m, do: escalate, to: manager }] }
`;

/** The sample with one piece of text replaced; fails when the piece is not there, so that no test checks nothing. */
export function change(from: string, to: string, text: string = sample): string {
  if (!text.includes(from)) throw new Error(`the sample does not contain: ${from}`);
  return text.replace(from, () => to);
}

/** The policy of a document that must be right. */
export function accepted(text: string): Extract<ReturnType<typeof parsePolicy>, { ok: true }> {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 1));
  return parsed;
}

/** The problems of a document that must be wrong. */
export function refused(text: string): readonly Problem[] {
  const parsed = parsePolicy(text);
  if (parsed.ok) throw new Error('the document was accepted');
  return parsed.problems;
}

/** Facts of a lead nothing is known about, changed group by group. */
export function factsOf(
  changes: {
    readonly lead?: Partial<LeadFacts['lead']>;
    readonly account?: Partial<LeadFacts['account']>;
    readonly match?: Partial<LeadFacts['match']>;
  } = {},
): LeadFacts {
  return {
    lead: {
      source: 'website',
      country: '',
      city: '',
      state: '',
      postalCode: '',
      title: '',
      emailDomain: '',
      emailDeliverable: '',
      freeMail: false,
      roleMailbox: false,
      hasPhone: false,
      hasMessage: false,
      consent: false,
      utm: {},
      event: 'form',
      ...changes.lead,
    },
    account: { name: '', domain: '', employees: 0, industry: '', country: '', ...changes.account },
    match: { knownPerson: false, knownAccount: false, owner: '', accountOwner: '', ...changes.match },
  };
}

/** The text around a position: what an editor would jump to. */
export function textAt(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
): string {
  return (text.split('\n')[line - 1] ?? '').slice(column - 1);
}

/** One change that makes the sample wrong, and the problem it must give. */
export interface Case {
  readonly name: string;
  readonly text: string;
  readonly path: string;
  /** What stands at the reported line and column. */
  readonly at: string;
  readonly message: RegExp;
  readonly expected: RegExp;
}

/** The sample with `from` replaced by `to`, and what must be said about it. */
export function wrong(
  name: string,
  [from, to]: readonly [string, string],
  fault: Omit<Case, 'name' | 'text'>,
): Case {
  return { name, text: change(from, to), ...fault };
}

/** Exactly the one problem, at exactly the place, in words that help. */
export function expectProblem({ text, path, at, message, expected }: Case): void {
  const [problem, ...rest] = refused(text);
  expect(rest).toEqual([]);
  expect(problem).toMatchObject({ path });
  expect(problem?.message).toMatch(message);
  expect(problem?.expected).toMatch(expected);
  expect(problem && textAt(text, problem).slice(0, at.length)).toBe(at);
}
