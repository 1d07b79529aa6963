import type { z } from 'zod';
import type { PathStep, Problem } from './problem';
import { didYouMean, formatPath } from './problem';
import type { PolicySource } from './source';

type Issue = z.core.$ZodIssue;

/** What the schema said about a document, with places and words for people; in the order of the text. */
export function schemaProblems(issues: readonly Issue[], source: PolicySource): Problem[] {
  return issues
    .flatMap((issue) => translate(issue, [], source))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function translate(issue: Issue, base: readonly PathStep[], source: PolicySource): Problem[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], issue.message, source));
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => translate(inner, path, source));
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message;
    const position = source.locateKey(path);
    return [
      {
        path: formatPath(path),
        ...position,
        message: `"${String(path.at(-1))}" is not ${expected}`,
        expected,
      },
    ];
  }
  const value = valueAt(source.value, path);
  const expected = expectedBy(issue);
  const message =
    value === undefined ? `${describeLast(path)} is missing` : `${show(value)} is not ${expected}`;
  return [{ path: formatPath(path), ...source.locate(path), message, expected }];
}

function unknownKey(path: readonly PathStep[], known: string, source: PolicySource): Problem {
  const key = String(path.at(-1));
  return {
    path: formatPath(path),
    ...source.locateKey(path),
    message: `unknown key "${key}"${didYouMean(key, known.split(', '))}`,
    expected: `one of ${known}`,
  };
}

/** Of a union's branches the one that got past the outermost type: that is the one the author meant. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find(
    (issues) =>
      issues.length > 0 &&
      issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
}

function expectedBy(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return issue.expected === 'object' || issue.expected === 'record'
      ? 'a map of keys and values'
      : issue.expected;
  }
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  return issue.message;
}

function describeLast(path: readonly PathStep[]): string {
  const last = path.at(-1);
  return last === undefined
    ? 'the document'
    : typeof last === 'number'
      ? `entry ${String(last + 1)}`
      : `"${last}"`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null) return 'an empty value';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(root: unknown, path: readonly PathStep[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PathStep, unknown>)[step];
  }
  return value;
}
