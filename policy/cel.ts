import { celEnv, celList, celMap, isCelError, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { CelInput } from '@bufbuild/cel';
import { stateCode } from '../domain/identity/state';
import type { LeadFacts } from '../domain/lead';
import type { Band, Rep } from '../domain/policy';
import type { CelUses } from './cel-check';
import { checkCel, CelCheckError } from './cel-check';
import { faultAt } from './cel-fault';
import type { CelScope } from './cel-types';

/** A CEL condition, parsed, checked and planned once; cheap to evaluate for many leads. */
export interface Condition {
  readonly text: string;
  readonly uses: CelUses;
  /** Throws `CelEvaluationError` when the condition cannot be decided for these facts, never guesses. */
  evaluate(facts: CelFacts): boolean;
}

/** Facts in the form CEL reads, made once per lead by `celFacts`. */
export type CelFacts = Readonly<Record<string, CelInput>>;

/** Why a condition does not compile; `offset` counts characters of the condition from 0. */
export interface ConditionFault {
  readonly message: string;
  readonly offset: number;
  readonly expected: string;
}

/**
 * A condition that compiled but failed for one lead's facts. It goes into logs and histories, so it says what kind of
 * fault it is and where in the condition, and nothing of what the library says: that quotes the lead.
 */
export class CelEvaluationError extends Error {
  override readonly name = 'CelEvaluationError';
}

const env = celEnv({ funcs: strings });

/** Compiles `text` against the variables of `scope`. */
export function compileCondition(
  text: string,
  scope: CelScope,
):
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly fault: ConditionFault } {
  try {
    const parsed = parse(text);
    const uses = checkCel(parsed, scope);
    refuseBadPatterns(uses);
    const run = plan(env, parsed);
    const evaluate = (facts: CelFacts): boolean => {
      const result = run(facts);
      if (isCelError(result)) throw new CelEvaluationError(faultAt(result, parsed, text));
      if (typeof result !== 'boolean')
        throw new CelEvaluationError('the condition did not give true or false');
      return result;
    };
    return { ok: true, condition: { text, uses, evaluate } };
  } catch (error) {
    return { ok: false, fault: faultOf(error, text) };
  }
}

/**
 * Lead facts as CEL variables. Whole numbers become CEL ints, so that `account.employees + 1` works as well as
 * `account.employees >= 200`. Without a score (while scoring) `score` and `band` do not exist. Facts that were written
 * down before a field was known to us get it empty. The code of the state is worked out here, as the country may become
 * known after the lead was read.
 */
export function celFacts(
  facts: LeadFacts,
  territories: readonly string[],
  scored?: { readonly score: number; readonly band: Band },
): CelFacts {
  const lead = { ...laterFacts.lead, ...facts.lead };
  const code = stateCode(lead.state, lead.country || facts.account.country);
  const variables: Record<string, CelInput> = {
    lead: group({ ...lead, stateCode: code, utm: group(lead.utm) }),
    account: group({ ...facts.account, employees: BigInt(Math.trunc(facts.account.employees)) }),
    match: group({ ...laterFacts.match, ...facts.match }),
    territory: territories[0] ?? '',
    territories: celList(territories),
  };
  return scored === undefined
    ? variables
    : { ...variables, score: BigInt(Math.trunc(scored.score)), band: scored.band };
}

/** The facts with the member a pool's fit rules are asked about; `skills` are all there are. */
export function withRepFacts(facts: CelFacts, rep: Rep, skills: readonly string[]): CelFacts {
  const levels = skills.map((skill) => [skill, BigInt(rep.skills[skill] ?? 0)] as const);
  return { ...facts, rep: group({ id: rep.id, skills: group(Object.fromEntries(levels)) }) };
}

/** A rule could not be decided for a lead; the policy has to be corrected, no other rule may quietly take over. */
export class PolicyEvaluationError extends Error {
  override readonly name = 'PolicyEvaluationError';
  readonly rule: string;

  constructor(rule: string, cause: CelEvaluationError) {
    super(`rule "${rule}": ${cause.message}`, { cause });
    this.rule = rule;
  }
}

/** Whether the condition of `rule` holds. @throws PolicyEvaluationError naming the rule. */
export function holds(rule: string, condition: Condition, variables: CelFacts): boolean {
  try {
    return condition.evaluate(variables);
  } catch (error) {
    if (error instanceof CelEvaluationError) throw new PolicyEvaluationError(rule, error);
    throw error;
  }
}

/** Fields that facts of older leads do not have. */
const laterFacts = { lead: { state: '' }, match: { accountOwner: '' } };

const tryPattern = plan(env, parse("''.matches(pattern)"));

function refuseBadPatterns(uses: CelUses): void {
  for (const { pattern, offset } of uses.patterns) {
    const result = tryPattern({ pattern });
    if (isCelError(result)) throw new CelCheckError(result.message, offset, 'a regular expression (RE2)');
  }
}

/** A CEL map is built here, once, because the library would otherwise rebuild it at every field access. */
function group(fields: Readonly<Record<string, CelInput>>): CelInput {
  return celMap(new Map(Object.entries(fields)));
}

function faultOf(error: unknown, text: string): ConditionFault {
  if (error instanceof CelCheckError) {
    // The parser counts the blanks before an operator to it.
    const blanks = /^\s*/.exec(text.slice(error.offset))?.[0].length ?? 0;
    return { message: error.message, offset: error.offset + blanks, expected: error.expected };
  }
  const offset = syntaxOffset(error);
  const rest = text.slice(offset);
  const word = /^\w+/.exec(rest)?.[0] ?? rest.slice(0, 1);
  const found = word === '' ? 'the condition ends too early' : `cannot read "${word}"`;
  return {
    message: found,
    offset,
    expected: syntaxHints.get(word) ?? "a CEL condition such as lead.country == 'DE' && score >= 40",
  };
}

/** What people from other languages write, and what CEL wants instead. */
const syntaxHints: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '=': '== to compare, and a closed quote after it',
    and: '&& instead of and',
    AND: '&& instead of AND',
    or: '|| instead of or',
    OR: '|| instead of OR',
    not: '! instead of not',
    is: '== instead of is',
    contains: "lead.title.contains('…')",
  }),
);

/** The parser's own error carries a location that its published types leave out. */
function syntaxOffset(error: unknown): number {
  const location: unknown = error instanceof Error && 'location' in error ? error.location : undefined;
  if (typeof location !== 'object' || location === null || !('start' in location)) return 0;
  const { start } = location;
  if (typeof start !== 'object' || start === null || !('offset' in start)) return 0;
  return typeof start.offset === 'number' ? start.offset : 0;
}
