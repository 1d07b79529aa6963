/** One token of JSON, anchored at `lastIndex`. */
const tokens = {
  space: /[ \t\n\r]*/y,

  string: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,

  stringStart: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y,
  number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  word: /true|false|null/y,
} as const;

/**
 * Offset of the first character at which `text` stops being JSON. Only called for text that JSON.parse refused, as
 * the engine names a position for some faults only. Nesting must have been limited before.
 */
export function jsonErrorOffset(text: string): number {
  const scanner = new Scanner(text);
  if (!scanner.value()) return scanner.at;
  scanner.skip('space');
  return scanner.at;
}

class Scanner {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Moves over one value; false leaves `at` on the fault. */
  value(): boolean {
    this.skip('space');
    const first = this.#text.charAt(this.at);
    if (first === '{') return this.#members('}', () => this.#string() && this.#char(':') && this.value());
    if (first === '[') return this.#members(']', () => this.value());
    if (first === '"') return this.#string();
    return this.skip('word') || this.skip('number');
  }

  skip(token: keyof typeof tokens): boolean {
    const pattern = tokens[token];
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.at += found.length;
    return found !== '';
  }

  #members(close: string, member: () => boolean): boolean {
    this.at += 1;
    if (this.#char(close)) return true;
    do {
      if (!member()) return false;
    } while (this.#char(','));
    return this.#char(close);
  }

  #string(): boolean {
    this.skip('space');
    if (this.skip('string')) return true;
    this.skip('stringStart');
    return false;
  }

  #char(wanted: string): boolean {
    this.skip('space');
    if (this.#text.charAt(this.at) !== wanted) return false;
    this.at += 1;
    return true;
  }
}
