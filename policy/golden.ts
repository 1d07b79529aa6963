import { ownFacts } from '../domain/identity/facts';
import type { LeadFacts } from '../domain/lead';
import type { Policy } from '../domain/policy';
import { compilePolicy, PolicyEvaluationError, type CompiledPolicy } from './compile';
import type { PolicyDocument } from './schema';

type GoldenTest = NonNullable<PolicyDocument['tests']>[number];

/** What a test of the document came to; `differences` is empty when it passed. */
export interface GoldenResult {
  readonly name: string;
  readonly differences: readonly string[];
}

/** Runs the document's own tests: these leads, decided by this policy, as its author expects. */
export function runGoldenTests(policy: Policy, tests: readonly GoldenTest[]): readonly GoldenResult[] {
  const compiled = compilePolicy(policy);
  return tests.map((test) => ({ name: test.name, differences: differencesOf(compiled, test) }));
}

function differencesOf(compiled: CompiledPolicy, test: GoldenTest): readonly string[] {
  const got = answerTo(compiled, factsOf(test));
  if (typeof got === 'string') return [got];
  return Object.entries(test.expect).flatMap(([key, wanted]) => {
    const value = got[key as keyof typeof got];
    return value === wanted ? [] : [`${key} is ${show(value)}, expected ${show(wanted)}`];
  });
}

/** What the policy says to a lead, or why it cannot say anything. */
function answerTo(compiled: CompiledPolicy, facts: LeadFacts) {
  try {
    const { score, band } = compiled.score(facts);
    const { chosen } = compiled.route(facts, score, band);
    const to =
      chosen &&
      (chosen.to.kind === 'pool'
        ? `pool/${chosen.to.pool}`
        : chosen.to.kind === 'rep'
          ? chosen.to.rep
          : 'owner');
    return { score, band, rule: chosen?.rule, to, sla: chosen?.sla };
  } catch (error) {
    if (error instanceof PolicyEvaluationError) return error.message;
    throw error;
  }
}

function factsOf({ lead, account, match }: GoldenTest): LeadFacts {
  const { facts } = ownFacts(lead ?? {}, lead?.source ?? 'api');
  return {
    lead: facts.lead,
    account: { ...facts.account, ...account } as LeadFacts['account'],
    match: { ...facts.match, ...match } as LeadFacts['match'],
  };
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
