import { parseDuration } from '../domain/duration';
import { milestoneNames, type Policy, type SlaPolicy, type SlaStepRule, type Target } from '../domain/policy';
import { compileCondition } from './cel';
import type { CelUses } from './cel-check';
import { routingScope, scoringScope, withTerritories } from './cel-types';
import type { Finding, PathStep, Position, Report } from './problem';
import { lintPools } from './pool-check';
import { formatPath } from './problem';
import { lintTerritories } from './territory-lint';

/** What works but is probably not meant, in the order of the text. */
export function lintPolicy(policy: Policy, locate: (path: readonly PathStep[]) => Position): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (code, path, message) =>
    findings.push({ code, path: formatPath(path), ...locate(path), message });
  lintRuleOrder(policy, report);
  lintConditions(policy, report);
  lintUnused(policy, report);
  lintPools(policy, report);
  lintTerritories(policy, report);
  lintSlas(policy, report);
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

function lintRuleOrder({ routing }: Policy, report: Report): void {
  // `to: owner` and its like still let leads without one pass, so they are no rule for the rest.
  const always = routing.filter(
    ({ when, to }) =>
      (to.kind === 'pool' || to.kind === 'rep') && (when === undefined || when.trim() === 'true'),
  );
  if (always.length === 0) {
    const message = 'the last rule has a condition: leads that no rule takes will need attention by hand';
    report('no-catch-all', ['routing', routing.length - 1], message);
  }
  // Rules below one that names a rep still stand in when that rep cannot; a pool ends the search.
  const end = always.find(({ to }) => to.kind === 'pool');
  if (end === undefined) return;
  routing.slice(routing.indexOf(end) + 1).forEach(({ rule }, offset) => {
    const path = ['routing', routing.indexOf(end) + 1 + offset];
    report(
      'unreachable-rule',
      path,
      `rule "${rule}" is never reached: "${end.rule}" above it takes every lead`,
    );
  });
}

function lintConditions({ routing, scoring, territories }: Policy, report: Report): void {
  const uses = (text: string, scope: typeof routingScope): CelUses | undefined => {
    const result = compileCondition(text, withTerritories(scope, Object.keys(territories)));
    return result.ok ? result.condition.uses : undefined;
  };
  const guard = (path: readonly PathStep[], found: CelUses | undefined): void => {
    for (const key of found?.unguardedUtm ?? []) {
      report(
        'utm-unguarded',
        path,
        `fails for leads without utm.${key}; write has(lead.utm.${key}) && … before it`,
      );
    }
  };
  scoring.fit.forEach(({ when }, index) => {
    guard(['scoring', 'fit', index, 'when'], uses(when, scoringScope));
  });
  routing.forEach(({ rule, when, to }, index) => {
    const found = when === undefined ? undefined : uses(when, routingScope);
    guard(['routing', index, 'when'], found);
    if (to.kind !== 'owner' || found?.facts.has('match.owner')) return;
    report(
      'owner-unguarded',
      ['routing', index, 'to'],
      `rule "${rule}" goes to the owner but does not ask for one; leads without an owner pass on to the next rule`,
    );
  });
}

function lintUnused(policy: Policy, report: Report): void {
  const { calendars, reps, pools, routing, sla, onCall } = policy;
  const targets = [...allTargets(policy), ...Object.values(pools).map((pool) => pool.whenNobody)];
  const routedPools = new Set(
    targets.flatMap((to) => (to !== 'park' && to.kind === 'pool' ? [to.pool] : [])),
  );
  const busyReps = new Set([
    ...targets.flatMap((to) => (to !== 'park' && to.kind === 'rep' ? [to.rep] : [])),
    ...Object.values(pools).flatMap((pool) => Object.keys(pool.members)),
    ...reps.flatMap((rep) => rep.manager ?? []),
    ...Object.values(sla).flatMap((policy) => allSteps(policy).flatMap(toldBy)),
    ...onCall,
  ]);
  reps.forEach(({ id }, index) => {
    if (!busyReps.has(id))
      report('idle-rep', ['reps', index], `"${id}" is in no pool and no rule, and will never get a lead`);
  });
  for (const [id, pool] of Object.entries(pools)) {
    if (!routedPools.has(id)) report('unrouted-pool', ['pools', id], `no rule sends leads to pool "${id}"`);
    if (Object.keys(pool.members).length === 0)
      report('empty-pool', ['pools', id, 'members'], `pool "${id}" has no members`);
  }
  for (const id of Object.keys(calendars)) {
    if (!reps.some((rep) => rep.calendar === id))
      report('unused-calendar', ['calendars', id], `no rep works by calendar "${id}"`);
  }
  for (const id of Object.keys(sla)) {
    if (!routing.some((rule) => rule.sla === id))
      report('unused-sla', ['sla', id], `no rule uses SLA policy "${id}"`);
  }
}

/** Where rules can send a lead, the targets of territories and named accounts included. */
function allTargets({ routing, territories, accounts }: Policy): readonly Target[] {
  return [
    ...routing.map((rule) => rule.to),
    ...routing.flatMap(({ pair }) => (pair ? [{ kind: 'pool', pool: pair.pool } as const] : [])),
    ...Object.values(territories).flatMap(({ to }) => to ?? []),
    ...Object.values(accounts),
  ];
}

function lintSlas(policy: Policy, report: Report): void {
  for (const [id, sla] of Object.entries(policy.sla)) {
    const lastMs = Math.max(...sla.steps.map((step) => ms(step.after)), 0);
    if (ms(sla.touch) > lastMs) {
      report(
        'touch-after-last-step',
        ['sla', id, 'touch'],
        `nothing happens when the first touch is missed: ${sla.touch} is later than the last step`,
      );
    }
    lintReassign(id, sla, report);
    const told = allSteps(sla).flatMap(toldBy);
    if (told.includes('manager')) lintManagers(policy, id, report);
    if (told.includes('on-call') && policy.onCall.length === 0)
      report(
        'nobody-on-call',
        ['sla', id],
        `SLA policy "${id}" escalates to on-call, but onCall names nobody`,
      );
  }
}

const allSteps = (sla: SlaPolicy): readonly SlaStepRule[] =>
  [sla, ...milestoneNames.flatMap((name) => sla[name] ?? [])].flatMap(({ steps }) => steps);

const toldBy = (step: SlaStepRule): readonly string[] => (step.do === 'escalate' ? [step.to] : []);

function lintReassign(id: string, sla: SlaPolicy, report: Report): void {
  sla.steps.forEach((step, index) => {
    if (step.do !== 'reassign') return;
    const path = ['sla', id, 'steps', index];
    if (ms(step.after) < ms(sla.touch))
      report(
        'reassign-before-touch',
        path,
        `the lead is taken away after ${step.after}, before the ${sla.touch} the owner was given`,
      );
    if (sla.maxHops === 1)
      report('reassign-never', path, 'maxHops is 1, so the lead never gets a second owner');
  });
}

function lintManagers({ reps, pools, routing }: Policy, id: string, report: Report): void {
  const pooled = routing.flatMap(({ sla, to }) =>
    sla === id && to.kind === 'pool' ? Object.keys(pools[to.pool]?.members ?? {}) : [],
  );
  const named = routing.flatMap(({ sla, to }) => (sla === id && to.kind === 'rep' ? [to.rep] : []));
  const owners = new Set([...pooled, ...named]);
  reps.forEach((rep, index) => {
    if (!owners.has(rep.id) || rep.manager !== undefined) return;
    report(
      'no-manager',
      ['reps', index],
      `SLA policy "${id}" escalates to the manager, but "${rep.id}" has none`,
    );
  });
}

function ms(text: string): number {
  return parseDuration(text) ?? 0;
}
