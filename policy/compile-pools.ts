import type { Policy, Pool, Rep } from '../domain/policy';
import { compileCondition, holds, withRepFacts, type CelFacts, type Condition } from './cel';
import { routingScope, withRep, withTerritories, type CelScope } from './cel-types';

/** What a pool's own conditions say about its members for one lead; by rep id. */
export interface PoolView {
  /** Members who are none for this lead. */
  readonly barred: Readonly<Record<string, 'condition' | 'skills'>>;
  /** Points of the pool's fit rules; empty unless its mode asks for them. */
  readonly fit: Readonly<Record<string, number>>;
}

/** Every pool with its conditions compiled. @throws when one does not compile, which parsing has ruled out. */
export function compilePools(
  policy: Policy,
): (poolId: string, variables: CelFacts, skills: Readonly<Record<string, number>>) => PoolView {
  const skillNames = skillsOf(policy.reps);
  const scope = withTerritories(routingScope, Object.keys(policy.territories));
  const pools = new Map(
    Object.entries(policy.pools).map(([id, pool]) => [
      id,
      {
        members: policy.reps.filter((rep) => Object.hasOwn(pool.members, rep.id)),
        when: new Map(Object.entries(pool.when).map(([rep, text]) => [rep, compiled(id, text, scope)])),
        fit: pool.fit.map((rule) => ({
          ...rule,
          condition: compiled(id, rule.when, withRep(scope, skillNames)),
        })),
        mode: pool.mode,
      },
    ]),
  );
  return (poolId, variables, skills) => {
    const pool = pools.get(poolId);
    if (!pool) throw new Error(`there is no pool ${poolId}`);
    const name = `pool ${poolId}`;
    const barOf = ({ id, skills: has }: Rep): 'condition' | 'skills' | undefined => {
      const when = pool.when.get(id);
      if (when && !holds(name, when, variables)) return 'condition';
      return missing(skills, has) ? 'skills' : undefined;
    };
    const points = (rep: Rep): number => {
      const facts = withRepFacts(variables, rep, skillNames);
      return pool.fit.reduce((sum, rule) => sum + (holds(name, rule.condition, facts) ? rule.points : 0), 0);
    };
    const barred: Record<string, 'condition' | 'skills'> = {};
    for (const rep of pool.members) {
      const bar = barOf(rep);
      if (bar !== undefined) barred[rep.id] = bar;
    }
    const ranked = pool.mode === 'best_fit' ? pool.members : [];
    return { barred, fit: Object.fromEntries(ranked.map((rep) => [rep.id, points(rep)])) };
  };
}

/** Every skill anybody has, so that asking for the level of one who lacks it gives 0 instead of failing. */
export function skillsOf(reps: Policy['reps']): readonly string[] {
  return [...new Set(reps.flatMap(({ skills }) => Object.keys(skills)))].sort();
}

/** Members of every pool that counts with the same one, with their weights: those who share its standings. */
export function rosterOf(pools: Policy['pools'], counterId: string): Pool['members'] {
  const sharing = Object.entries(pools).filter(([id, { countWith }]) => (countWith ?? id) === counterId);
  return Object.assign({}, ...sharing.map(([, { members }]) => members)) as Pool['members'];
}

function missing(wanted: Readonly<Record<string, number>>, has: Rep['skills']): boolean {
  return Object.entries(wanted).some(([skill, level]) => (has[skill] ?? 0) < level);
}

function compiled(pool: string, text: string, scope: CelScope): Condition {
  const result = compileCondition(text, scope);
  if (!result.ok) throw new Error(`pool "${pool}" does not compile: ${result.fault.message}`);
  return result.condition;
}
