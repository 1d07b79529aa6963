import type { Policy } from '../domain/policy';
import { skillsOf } from './compile-pools';
import { routingScope, withRep } from './cel-types';
import { normalise } from './normalise';
import { didYouMean, listNames, type AddProblem, type PathStep, type Report } from './problem';
import type { PolicyDocument } from './schema';

type CheckCondition = (path: readonly PathStep[], text: string, scope: typeof routingScope) => void;

/** Faults in how pools choose: conditions, shared counters, modes and what belongs to them. */
export function checkPoolModes(
  { document, add }: { readonly document: PolicyDocument; readonly add: AddProblem },
  checkCondition: CheckCondition,
): void {
  const { pools, reps } = normalise(document);
  for (const [id, pool] of Object.entries(pools)) {
    const path = ['pools', id];
    for (const [rep, when] of Object.entries(pool.when))
      checkCondition([...path, 'members', rep, 'when'], when, routingScope);
    pool.fit.forEach(({ when }, index) => {
      checkCondition([...path, 'fit', index, 'when'], when, withRep(routingScope, skillsOf(reps)));
    });
    if (pool.mode === 'best_fit' && pool.fit.length === 0)
      add([...path, 'mode'], 'best_fit has nothing to go by', 'fit: a list of { when, points, because }');
    const { to, atMost } = document.pools?.[id]?.offer ?? {};
    if (to === 'all' && atMost !== undefined)
      add([...path, 'offer', 'atMost'], 'an offer to all is made once', 'offer: { to: all, for: 10m }');
    if (pool.countWith !== undefined)
      checkCounter(pools, id, (message, expected) => add([...path, 'countWith'], message, expected));
  }
}

/** A shared counter compares leads per weight, so a rep must weigh the same in every pool that uses it. */
function checkCounter(
  pools: Policy['pools'],
  id: string,
  add: (message: string, expected: string) => void,
): void {
  const { countWith = id, members } = pools[id] as Policy['pools'][string];
  const other = Object.hasOwn(pools, countWith) ? pools[countWith] : undefined;
  if (!other) {
    add(
      `unknown pool "${countWith}"${didYouMean(countWith, Object.keys(pools))}`,
      `one of ${listNames(Object.keys(pools))}`,
    );
    return;
  }
  if (countWith === id || other.countWith !== undefined) {
    add(`"${countWith}" has no counter of its own`, 'another pool without countWith');
    return;
  }
  const sharing = Object.entries(pools).filter(
    ([name, pool]) => name !== id && (pool.countWith ?? name) === countWith,
  );
  for (const [rep, weight] of Object.entries(members)) {
    const differs = sharing.find(([, pool]) => (pool.members[rep] ?? weight) !== weight);
    if (differs)
      add(
        `"${rep}" weighs ${String(weight)} here and ${String(differs[1].members[rep])} in "${differs[0]}"`,
        'the same weight in both',
      );
  }
}

/** What works but is probably not meant about pools, skills and caps. */
export function lintPools({ pools, reps, routing, capacity }: Policy, report: Report): void {
  for (const [id, pool] of Object.entries(pools)) {
    if (pool.fit.length > 0 && pool.mode !== 'best_fit')
      report(
        'fit-unused',
        ['pools', id, 'fit'],
        `pool "${id}" is not of mode best_fit, so its fit rules are not looked at`,
      );
    if (pool.makeUp.kind !== 'none' && pool.mode !== 'weighted')
      report('make-up-unused', ['pools', id, 'makeUp'], `nothing is made up for in mode ${pool.mode}`);
    const everyone = Object.keys(pool.members);
    if (
      everyone.length > 0 &&
      everyone.every((rep) => pool.when[rep] !== undefined) &&
      pool.whenNobody === 'park'
    )
      report(
        'conditional-pool',
        ['pools', id, 'members'],
        `every member of "${id}" has a condition: leads that none of them takes are parked`,
      );
  }
  routing.forEach(({ rule, to, skills = {}, relax }, index) => {
    if (relax !== undefined && Object.keys(skills).length === 0)
      report(
        'relax-unused',
        ['routing', index, 'relax'],
        `rule "${rule}" asks for no skills that could be relaxed`,
      );
    const members =
      to.kind === 'pool' ? Object.keys(pools[to.pool]?.members ?? {}) : reps.map(({ id }) => id);
    for (const [skill, level] of Object.entries(skills)) {
      if (reps.some((rep) => members.includes(rep.id) && (rep.skills[skill] ?? 0) >= level)) continue;
      report(
        'skill-nobody-has',
        ['routing', index, 'skills'],
        `nobody there has "${skill}" at level ${String(level)}`,
      );
    }
  });
  const dearest = Math.max(...Object.values(capacity));
  reps.forEach(({ id, caps: { rolling = {}, ...caps } }, index) => {
    const least = Math.min(...Object.values({ ...caps, ...rolling }).filter((cap) => cap !== undefined));
    if (least < dearest)
      report(
        'cap-below-cost',
        ['reps', index, 'caps'],
        `a lead can cost ${String(dearest)}, so "${id}" never gets such a one`,
      );
  });
}
