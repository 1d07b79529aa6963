import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { PathStep, Position, Problem } from './problem';

/** A policy of several thousand reps is well below this; more is a mistake or an attack. */
const lengthMax = 1_000_000;
/** A broken document can give one error per character; people read the first few. */
const problemsMax = 50;

/** The parsed text: its plain value, and where in the text each part of it stands. */
export interface PolicySource {
  readonly value: unknown;
  /** Position of the value at `path`, or of the innermost part of `path` that exists. */
  locate(path: readonly PathStep[]): Position;
  /** Position of the key that ends `path`, for keys that should not be there. */
  locateKey(path: readonly PathStep[]): Position;
  /** Position of character `offset` of the text value at `path`; undefined when escapes hide where it stands. */
  locateInside(path: readonly PathStep[], offset: number): Position | undefined;
}

/** Reads YAML (of which JSON is a part); refuses what could silently be read as something else. */
export function readSource(
  text: string,
):
  | { readonly ok: true; readonly source: PolicySource }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  if (text.length > lengthMax) {
    const message = `the document has ${String(text.length)} characters`;
    return refuse([{ path: '', line: 1, column: 1, message, expected: `at most ${String(lengthMax)}` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    return refuse(
      errors.map((error) => ({
        path: '',
        ...positionAt(error.pos[0]),
        message: error.message,
        expected: fixes[error.code] ?? 'valid YAML or JSON',
      })),
    );
  }
  const traps = findTraps(document, positionAt);
  if (traps.length > 0) return refuse(traps);
  try {
    // Aliases are for sharing a week or a list, a few dozen times at most; nested ones explode.
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { ok: true, source: sourceOf({ document, text, positionAt, value }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refuse([
      { path: '', line: 1, column: 1, message, expected: 'at most a hundred aliases, none nested deeply' },
    ]);
  }
}

const fixes: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'each key once',
  MULTIPLE_DOCS: 'one document, without a second ---',
  TAB_AS_INDENT: 'spaces, not tabs',
  TAG_RESOLVE_FAILED: 'a plain value without a !tag',
  BAD_INDENT: 'lines of one level at the same column, brackets closed',
  MISSING_CHAR: 'the closing quote, bracket or colon',
  RESOURCE_EXHAUSTION: 'less deep nesting',
};

function refuse(problems: readonly Problem[]): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: problems.slice(0, problemsMax) };
}

/** Keys and aliases that parse but would not mean what was written. */
function findTraps(document: Document.Parsed, positionAt: (offset: number) => Position): Problem[] {
  const problems: Problem[] = [];
  const add = (node: Node, message: string, expected: string): void => {
    problems.push({ path: '', ...positionAt(node.range?.[0] ?? 0), message, expected });
  };
  visit(document, {
    Alias(_key, alias) {
      const target = alias.resolve(document);
      if (target === undefined)
        add(alias, `*${alias.source} has no anchor before it`, `&${alias.source} on an earlier value`);
      else if (contains(target, alias))
        add(alias, `*${alias.source} contains itself`, 'an alias outside its own value');
    },
    Pair(_key, pair) {
      const key = pair.key as Node;
      if (!isScalar(key)) add(key, 'a list or map is used as a key', 'a plain name as key');
      else if (key.value === '__proto__') add(key, '"__proto__" cannot be a key', 'another name');
    },
  });
  return problems;
}

function contains(node: Node, wanted: Node): boolean {
  let found = false;
  visit(node, {
    Node(_key, inner) {
      found ||= inner === wanted;
    },
  });
  return found;
}

interface Parsed {
  readonly document: Document.Parsed;
  readonly text: string;
  readonly positionAt: (offset: number) => Position;
  readonly value: unknown;
}

function sourceOf({ document, text, positionAt, value }: Parsed): PolicySource {
  const resolve = (node: unknown): Node | undefined => {
    if (isAlias(node)) return node.resolve(document);
    return (node ?? undefined) as Node | undefined;
  };
  const walk = (
    path: readonly PathStep[],
  ): { readonly node: Node | undefined; readonly key?: Node; readonly complete: boolean } => {
    let node = resolve(document.contents);
    let key: Node | undefined;
    for (const step of path) {
      let next: unknown;
      if (isMap(node)) {
        const pair = pairOf(node, step);
        key = pair?.key as Node | undefined;
        next = pair === undefined ? undefined : (pair.value ?? pair.key);
      } else if (isSeq(node) && typeof step === 'number') next = node.items[step];
      if (next === undefined) return { node, complete: false };
      node = resolve(next);
    }
    return key === undefined ? { node, complete: true } : { node, key, complete: true };
  };
  const at = (node: Node | undefined): Position => positionAt(node?.range?.[0] ?? 0);
  return {
    value,
    locate: (path) => at(walk(path).node),
    locateKey(path) {
      const found = walk(path);
      return at(found.complete ? (found.key ?? found.node) : found.node);
    },
    locateInside(path, offset) {
      const { node, complete } = walk(path);
      if (!complete || !isScalar(node)) return undefined;
      const inText = offsetInText(node, text, offset);
      return inText === undefined ? undefined : positionAt(inText);
    },
  };
}

function pairOf(map: YAMLMap, step: PathStep): Pair | undefined {
  return map.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
}

/** Where character `offset` of a scalar's value stands in the text: exact when the value is written as it reads. */
function offsetInText(node: Scalar, text: string, offset: number): number | undefined {
  if (typeof node.value !== 'string' || !node.range) return undefined;
  const { value } = node;
  const [start, end] = node.range;
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    const inBlock = offsetInBlock(value, text.slice(start, end), offset);
    return inBlock === undefined ? undefined : start + inBlock;
  }
  const begin = node.type === 'PLAIN' ? start : start + 1;
  return text.startsWith(value, begin) ? begin + offset : undefined;
}

/** Blocks after `|` or `>`: every line loses the same indent and its line break becomes one character. */
function offsetInBlock(value: string, raw: string, offset: number): number | undefined {
  let cursor = raw.indexOf('\n') + 1;
  const indent = /^ */.exec(raw.slice(cursor))?.[0].length ?? 0;
  let consumed = 0;
  for (const line of raw.slice(cursor).split('\n')) {
    const content = line.slice(indent);
    if (!value.startsWith(content, consumed)) return undefined;
    if (offset <= consumed + content.length) return cursor + indent + (offset - consumed);
    consumed += content.length + 1;
    cursor += line.length + 1;
  }
  return undefined;
}
