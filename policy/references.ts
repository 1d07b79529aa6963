import { parseDuration } from '../domain/duration';
import { milestoneNames } from '../domain/policy';
import { calendarFault } from './calendar-check';
import { compileCondition } from './cel';
import { routingScope, scoringScope, withTerritories } from './cel-types';
import type { CelScope } from './cel-types';
import { normalise } from './normalise';
import { checkPoolModes } from './pool-check';
import type { AddProblem, PathStep, Problem } from './problem';
import { didYouMean, formatPath, listNames } from './problem';
import type { PolicyDocument } from './schema';
import type { PolicySource } from './source';

interface Check {
  readonly document: PolicyDocument;
  readonly source: PolicySource;
  readonly reps: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  readonly add: AddProblem;
  readonly problems: Problem[];
}

/** Faults the shape alone does not show: unknown ids, loops, conditions that do not compile, impossible times. */
export function referenceProblems(document: PolicyDocument, source: PolicySource): Problem[] {
  const problems: Problem[] = [];
  const check: Check = {
    document,
    source,
    reps: new Set(document.reps.map((rep) => rep.id)),
    pools: new Set(Object.keys(document.pools ?? {})),
    problems,
    add: (path, message, expected) =>
      problems.push({ path: formatPath(path), ...source.locate(path), message, expected }),
  };
  checkCalendars(check);
  checkReps(check);
  checkPools(check);
  checkPoolLoops(check);
  checkPoolModes(check, (path, when, scope) => {
    checkCondition(check, path, { when, scope });
  });
  checkTerritories(check);
  checkScoring(check);
  checkRouting(check);
  checkSlas(check);
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

function checkCalendars({ document, source, problems }: Check): void {
  for (const [id, spec] of Object.entries(normalise(document).calendars)) {
    const fault = calendarFault(spec);
    if (fault === undefined) continue;
    const { message, expected } = fault;
    const path = ['calendars', id, ...fault.path];
    // A day that is none is a key; everything else is a value.
    const position =
      fault.path.length === 2 && fault.path[0] === 'week' ? source.locateKey(path) : source.locate(path);
    problems.push({ path: formatPath(path), ...position, message, expected });
  }
}

function checkReps({ document, reps, add }: Check): void {
  const calendars = Object.keys(document.calendars);
  const seen = new Set<string>();
  document.reps.forEach((rep, index) => {
    const path = ['reps', index];
    if (seen.has(rep.id)) add([...path, 'id'], `rep "${rep.id}" is defined twice`, 'each rep id once');
    seen.add(rep.id);
    if (!Object.hasOwn(document.calendars, rep.calendar)) {
      add(
        [...path, 'calendar'],
        `unknown calendar "${rep.calendar}"${didYouMean(rep.calendar, calendars)}`,
        `one of ${listNames(calendars)}`,
      );
    }
    if (rep.manager === undefined) return;
    if (rep.manager === rep.id)
      add([...path, 'manager'], `"${rep.id}" cannot be their own manager`, 'another rep, or no manager');
    else if (!reps.has(rep.manager))
      add(
        [...path, 'manager'],
        `unknown manager "${rep.manager}"${didYouMean(rep.manager, reps)}`,
        `one of ${listNames(reps)}`,
      );
  });
}

function checkPools(check: Check): void {
  const { document, source, reps, problems, add } = check;
  for (const [id, pool] of Object.entries(document.pools ?? {})) {
    const names = Array.isArray(pool.members) ? pool.members : Object.keys(pool.members);
    names.forEach((rep, index) => {
      const path = ['pools', id, 'members', Array.isArray(pool.members) ? index : rep];
      if (names.indexOf(rep) !== index)
        add(path, `"${rep}" is listed twice`, 'each member once; use weights such as { anna: 2 }');
      if (reps.has(rep)) return;
      const message = `unknown rep "${rep}"${didYouMean(rep, reps)}`;
      problems.push({
        path: formatPath(path),
        ...source.locateKey(path),
        message,
        expected: `one of ${listNames(reps)}`,
      });
    });
    if (pool.whenNobody === undefined || pool.whenNobody === 'park') continue;
    checkTarget(check, ['pools', id, 'whenNobody'], pool.whenNobody);
  }
}

function checkTerritories(check: Check): void {
  const { document, add } = check;
  for (const [id, { to, areas = [], ...own }] of Object.entries(document.territories ?? {})) {
    if (to !== undefined) checkTarget(check, ['territories', id, 'to'], to);
    [own, ...areas].forEach(({ employees }, index) => {
      const path = ['territories', id, ...(index === 0 ? [] : ['areas', index - 1]), 'employees'];
      if ((employees?.from ?? 0) > (employees?.to ?? Number.POSITIVE_INFINITY))
        add(path, 'the range runs backwards', 'from not above to');
    });
  }
  for (const [domain, to] of Object.entries(document.accounts ?? {}))
    checkTarget(check, ['accounts', domain], to);
}

/** Where a rule may look up whom to send a lead to. */
const lookups: readonly string[] = ['owner', 'account', 'territory'];

/** `pool/<id>`, `rep/<id>` or a rep id that exists. */
function checkTarget({ reps, pools, add }: Check, path: readonly PathStep[], text: string): void {
  if (lookups.includes(text)) {
    add(path, `"${text}" cannot stand here`, 'pool/<id> or a rep id');
    return;
  }
  const [kind, id] = text.startsWith('pool/')
    ? ['pool', text.slice(5)]
    : ['rep', text.startsWith('rep/') ? text.slice(4) : text];
  const known = kind === 'pool' ? pools : reps;
  if (known.has(id)) return;
  const hint = kind === 'rep' && pools.has(id) ? ` — did you mean "pool/${id}"?` : didYouMean(id, known);
  add(path, `unknown ${kind} "${id}"${hint}`, `one of ${listNames(known)}`);
}

/** A lead nobody can take would travel round such a loop for ever. */
function checkPoolLoops({ document, pools, add }: Check): void {
  const next = (id: string): string | undefined => {
    const text = document.pools?.[id]?.whenNobody;
    return text?.startsWith('pool/') && pools.has(text.slice(5)) ? text.slice(5) : undefined;
  };
  const reported = new Set<string>();
  for (const start of pools) {
    const trail = [start];
    let at = next(start);
    while (at !== undefined && !trail.includes(at)) {
      trail.push(at);
      at = next(at);
    }
    if (at !== start || trail.some((id) => reported.has(id))) continue;
    trail.forEach((id) => reported.add(id));
    add(
      ['pools', start, 'whenNobody'],
      `leads nobody takes go in a circle: ${[...trail, start].join(' → ')}`,
      'a chain that ends with park or a rep',
    );
  }
}

function checkScoring(check: Check): void {
  const { document, add } = check;
  document.scoring?.fit?.forEach(({ when }, index) => {
    checkCondition(check, ['scoring', 'fit', index, 'when'], { when, scope: scoringScope });
  });
  const bands = document.scoring?.bands;
  if (!bands) return;
  if (bands.hot <= bands.warm)
    add(
      ['scoring', 'bands', 'hot'],
      `hot (${String(bands.hot)}) must be above warm (${String(bands.warm)})`,
      'hot above warm',
    );
  else if ((bands.hysteresis ?? 0) >= bands.hot - bands.warm) {
    add(
      ['scoring', 'bands', 'hysteresis'],
      'a hot lead would stay hot below the warm mark',
      `less than ${String(bands.hot - bands.warm)}`,
    );
  }
}

function checkCondition(
  { document, source, problems }: Check,
  path: readonly PathStep[],
  condition: { readonly when: string; readonly scope: CelScope },
): void {
  const scope = withTerritories(condition.scope, Object.keys(document.territories ?? {}));
  const result = compileCondition(condition.when, scope);
  if (result.ok) return;
  const { message, offset, expected } = result.fault;
  const exact = source.locateInside(path, offset);
  const place = exact ? '' : ` (character ${String(offset + 1)} of the condition)`;
  problems.push({
    path: formatPath(path),
    ...(exact ?? source.locate(path)),
    message: `${message}${place}`,
    expected,
  });
}

function checkRouting(check: Check): void {
  const { document, add } = check;
  const slas = Object.keys(document.sla);
  const seen = new Set<string>();
  document.routing.forEach((rule, index) => {
    const path = ['routing', index];
    // Explanations and comparisons of versions name rules, so a name must lead to one rule.
    if (seen.has(rule.rule))
      add([...path, 'rule'], `rule "${rule.rule}" is defined twice`, 'each rule name once');
    seen.add(rule.rule);
    if (rule.when !== undefined)
      checkCondition(check, [...path, 'when'], { when: rule.when, scope: routingScope });
    if (!lookups.includes(rule.to)) checkTarget(check, [...path, 'to'], rule.to);
    if (rule.pair !== undefined && !check.pools.has(rule.pair.pool)) {
      add(
        [...path, 'pair', 'pool'],
        `unknown pool "${rule.pair.pool}"${didYouMean(rule.pair.pool, check.pools)}`,
        `one of ${listNames(check.pools)}`,
      );
    }
    if (!Object.hasOwn(document.sla, rule.sla)) {
      add(
        [...path, 'sla'],
        `unknown SLA policy "${rule.sla}"${didYouMean(rule.sla, slas)}`,
        `one of ${listNames(slas)}`,
      );
    }
  });
}

function checkSlas({ document, reps, add }: Check): void {
  for (const [id, sla] of Object.entries(document.sla)) {
    checkSteps({ reps, add }, ['sla', id, 'steps'], sla.steps);
    for (const name of milestoneNames) {
      const path = ['sla', id, name, 'steps'];
      checkSteps({ reps, add }, path, sla[name]?.steps);
      sla[name]?.steps?.forEach((step, index) => {
        if (step.do === 'reassign')
          add([...path, index, 'do'], `"${name}" does not take a lead away`, 'one of remind, escalate');
      });
    }
  }
  const onCall = typeof document.onCall === 'string' ? [document.onCall] : document.onCall;
  onCall?.forEach((rep, index) => {
    if (reps.has(rep)) return;
    const path = typeof document.onCall === 'string' ? ['onCall'] : ['onCall', index];
    add(path, `unknown rep "${rep}"${didYouMean(rep, reps)}`, `one of ${listNames(reps)}`);
  });
}

const roles = ['manager', 'director', 'on-call'];

function checkSteps(
  { reps, add }: Pick<Check, 'reps' | 'add'>,
  at: readonly PathStep[],
  steps: PolicyDocument['sla'][string]['steps'],
): void {
  let latestMs = 0;
  steps?.forEach((step, index) => {
    const path = [...at, index];
    const ms = parseDuration(step.after) ?? 0;
    if (ms < latestMs)
      add([...path, 'after'], `"${step.after}" comes before the step above it`, 'steps in the order of time');
    latestMs = Math.max(latestMs, ms);
    if (step.do !== 'escalate' || roles.includes(step.to) || reps.has(step.to)) return;
    add(
      [...path, 'to'],
      `unknown rep "${step.to}"${didYouMean(step.to, [...reps, ...roles])}`,
      `manager, director, on-call, or one of ${listNames(reps)}`,
    );
  });
}
