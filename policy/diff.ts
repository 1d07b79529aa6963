import type { Policy } from '../domain/policy';

/** One difference; a side that does not have the path has no value there (`undefined`). */
export interface PolicyChange {
  /** Entries go by name, not by place: `reps[anna].caps.perDay`, `routing[big accounts].when`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * What changes from `before` to `after`, in the order of the documents. Moving a routing rule is one change of
 * `routing.order`, because the first rule that matches wins; the order of reps and pool members means nothing.
 */
export function diffPolicies(before: Policy, after: Policy): PolicyChange[] {
  const changes = compare('', named(before), named(after));
  // An added or removed rule is a change of its own; the order is about those in both.
  const common = (policy: Policy, other: Policy): string[] => {
    const names = new Set(other.routing.map(({ rule }) => rule));
    return policy.routing.map(({ rule }) => rule).filter((rule) => names.has(rule));
  };
  const [orderBefore, orderAfter] = [common(before, after), common(after, before)];
  if (!equal(orderBefore, orderAfter))
    changes.push({ path: 'routing.order', before: orderBefore, after: orderAfter });
  return changes;
}

class Named {
  readonly entries: ReadonlyMap<string, unknown>;

  constructor(entries: Iterable<readonly [string, unknown]>) {
    this.entries = new Map(entries);
  }
}

/** Lists whose entries have names, by name; targets as they are written. */
function named(policy: Policy): Record<string, unknown> {
  const target = (to: Policy['routing'][number]['to'] | 'park'): string => {
    if (to === 'park') return to;
    if (to.kind === 'pool') return `pool/${to.pool}`;
    return to.kind === 'rep' ? `rep/${to.rep}` : to.kind;
  };
  return {
    ...policy,
    reps: new Named(policy.reps.map(({ id, ...rep }) => [id, rep])),
    pools: Object.fromEntries(
      Object.entries(policy.pools).map(([id, pool]) => [
        id,
        { ...pool, whenNobody: target(pool.whenNobody) },
      ]),
    ),
    accounts: Object.fromEntries(Object.entries(policy.accounts).map(([domain, to]) => [domain, target(to)])),
    routing: new Named(policy.routing.map(({ rule, to, ...rest }) => [rule, { ...rest, to: target(to) }])),
  };
}

function compare(path: string, before: unknown, after: unknown): PolicyChange[] {
  if (before instanceof Named && after instanceof Named) {
    return [...union(before.entries.keys(), after.entries.keys())].flatMap((key) =>
      compare(`${path}[${key}]`, before.entries.get(key), after.entries.get(key)),
    );
  }
  if (isRecord(before) && isRecord(after)) {
    return [...union(Object.keys(before), Object.keys(after))].flatMap((key) =>
      compare(path === '' ? key : `${path}.${key}`, before[key], after[key]),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && !isFlat(before, after)) {
    const places = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    return places.flatMap((index) => compare(`${path}[${String(index)}]`, before[index], after[index]));
  }
  return equal(before, after) ? [] : [{ path, before, after }];
}

/** Lists of plain values (skills, blocks, days) read better whole than place by place. */
function isFlat(before: readonly unknown[], after: readonly unknown[]): boolean {
  return [...before, ...after].every((item) => typeof item !== 'object' || item === null);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Named);
}

function union(left: Iterable<string>, right: Iterable<string>): Set<string> {
  return new Set([...left, ...right]);
}

function equal(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equal(item, right[index]));
  }
  if (isRecord(left) && isRecord(right))
    return [...union(Object.keys(left), Object.keys(right))].every((key) => equal(left[key], right[key]));
  return left === right;
}
