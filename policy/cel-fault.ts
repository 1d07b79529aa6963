import type { CelError, parse } from '@bufbuild/cel';

/** What the library says, by its first words, and the kind of fault it means. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/^field not found/, 'a field is missing'],
  [/^index .* out of bounds/, 'there is no such index'],
  [/^(cannot|unable to) convert|type conversion$/i, 'a value cannot be converted'],
  [/^invalid argument/, 'a function does not take the value'],
  [/by zero$/, 'a division by zero'],
  [/overflow/, 'a number is too large'],
  [/matching overload|^type mismatch|^unbound function/, 'an operation does not fit the type of the value'],
  [/^error parsing regexp/, 'a pattern cannot be read'],
];

/** Characters of the condition that show where it is. */
const shownMax = 40;

/**
 * What went wrong when a condition was evaluated, without a value of the lead: the kind of fault, and the part of the
 * condition where it happened.
 */
export function faultAt(error: CelError, parsed: ReturnType<typeof parse>, text: string): string {
  const [, kind = 'it cannot be decided'] = kinds.find(([words]) => words.test(error.message)) ?? [];
  const offset = parsed.sourceInfo?.positions[String(error.exprId)];
  if (offset === undefined) return kind;
  const rest = text.slice(offset);
  const part = rest.length > shownMax ? `${rest.slice(0, shownMax)}…` : rest;
  return `${kind} at character ${String(offset + 1)}: ${part}`;
}
