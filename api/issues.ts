import type { z } from 'zod';
import type { Issue } from './errors';

/** Names as people know them from JSON. */
const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** At most this many are reported; more help nobody. */
const issuesMax = 50;

/** What zod found, by field and in words; never with a value from the body. */
export function toIssues(error: z.ZodError, input: unknown): readonly Issue[] {
  // Of two bounds that a value breaks in the same way the later one is the field's own; the first is that of its type.
  const said = new Map<string, Issue>();
  for (const issue of error.issues) {
    const expected = expectedBy(issue);
    const sent = valueAt(input, issue.path);
    const message =
      issue.code === 'custom' ? issue.message : sent === undefined ? 'is missing' : faultOf(issue, sent);
    const path = issue.path.map(String).join('.');
    said.set(`${path} ${message}`, { path, message, expected });
  }
  return [...said.values()].slice(0, issuesMax);
}

type ZodIssue = z.ZodError['issues'][number];

function expectedBy(issue: ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return typeof issue.params?.['expected'] === 'string' ? issue.params['expected'] : issue.message;
    case 'invalid_type':
      return words[issue.expected] ?? issue.expected;
    case 'too_big':
      return `at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'too_small':
      return `at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return 'no other fields';
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function faultOf(issue: ZodIssue, sent: unknown): string {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'string'
        ? 'is too long'
        : issue.origin === 'array'
          ? 'has too many entries'
          : 'is too large';
    case 'too_small':
      return issue.origin === 'string'
        ? 'is too short'
        : issue.origin === 'array'
          ? 'has too few entries'
          : 'is too small';
    case 'unrecognized_keys':
      return `has unknown fields`;
    case 'invalid_type':
      return issue.expected === 'int' && typeof sent === 'number' ? 'has a fraction' : `is ${kindOf(sent)}`;
    default:
      return 'cannot be used';
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return words[typeof value] ?? typeof value;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
