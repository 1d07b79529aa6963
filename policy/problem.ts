/** One step into a document: a key of a map or an index of a list. */
export type PathStep = string | number;

/** Where something stands in the text, both counted from 1 as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something in a policy document that must be corrected before the policy can be used. */
export interface Problem extends Position {
  /** `routing[2].when`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
  /** What would be right here, in words. */
  readonly expected: string;
}

/** Notes that a document must be corrected at a path. */
export type AddProblem = (path: readonly PathStep[], message: string, expected: string) => void;

/** Kinds of findings; stable, so that scripts may filter on them. */
export type FindingCode =
  | 'unreachable-rule'
  | 'no-catch-all'
  | 'idle-rep'
  | 'unrouted-pool'
  | 'empty-pool'
  | 'unused-sla'
  | 'unused-calendar'
  | 'touch-after-last-step'
  | 'reassign-before-touch'
  | 'reassign-never'
  | 'no-manager'
  | 'nobody-on-call'
  | 'owner-unguarded'
  | 'utm-unguarded'
  | 'fit-unused'
  | 'make-up-unused'
  | 'conditional-pool'
  | 'relax-unused'
  | 'skill-nobody-has'
  | 'cap-below-cost'
  | 'territory-hidden'
  | 'territory-overlap'
  | 'territory-without-target'
  | 'territory-gap';

/** Something that works but is probably not meant; never a reason to refuse a policy. */
export interface Finding extends Position {
  readonly code: FindingCode;
  readonly path: string;
  readonly message: string;
}

/** Notes a finding at a path. */
export type Report = (code: FindingCode, path: readonly PathStep[], message: string) => void;

/** `['routing', 2, 'when']` → `routing[2].when`. */
export function formatPath(path: readonly PathStep[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** ` — did you mean "routing"?` for the nearest of `known`, or nothing when none is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? '' : ` — did you mean "${best}"?`;
}

/** Up to a dozen names as a list for people. */
export function listNames(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return '(none defined)';
  return all.length > 12 ? `${all.slice(0, 12).join(', ')}, …` : all.join(', ');
}

function editDistance(from: string, to: string): number {
  // Names longer than this are never a typo of one another worth pointing out, and the table below is quadratic.
  if (from.length > 64 || to.length > 64) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      const replaced = (previous[column - 1] ?? 0) + change;
      let least = Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      // Two letters the wrong way round are the commonest slip, and count as one.
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      current.push(least);
    }
    [beforeLast, previous] = [previous, current];
  }
  return previous[to.length] ?? 0;
}
