import type { parse } from '@bufbuild/cel';
import { binaryResult } from './cel-operators';
import {
  celFunctions,
  celMethods,
  celTypes,
  commonType,
  describeType,
  isNumber,
  literalTypes,
  sameType,
} from './cel-types';
import type { CelScope, CelSignature, CelType } from './cel-types';
import { didYouMean, listNames } from './problem';

type Parsed = ReturnType<typeof parse>;
type Expr = Parsed['expr'];
type Kinds = Expr['exprKind'];
type ValueOf<C extends Kinds['case']> = Extract<Kinds, { case: C }>['value'];
type Call = NonNullable<ValueOf<'callExpr'>>;
type Select = NonNullable<ValueOf<'selectExpr'>>;

/** A condition that parses but cannot work; `offset` counts characters of the condition from 0. */
export class CelCheckError extends Error {
  override readonly name = 'CelCheckError';
  readonly offset: number;
  readonly expected: string;

  constructor(message: string, offset: number, expected: string) {
    super(message);
    this.offset = offset;
    this.expected = expected;
  }
}

/** What a condition looks at, for lint. */
export interface CelUses {
  /** `lead.country`, `match.owner`, `score` … */
  readonly facts: ReadonlySet<string>;
  /** `utm` keys read without a `has()` that covers them: such a condition fails for leads without the key. */
  readonly unguardedUtm: ReadonlySet<string>;
  /** Patterns given to `matches()` as they stand, and where; the regular-expression engine must accept them. */
  readonly patterns: readonly { readonly pattern: string; readonly offset: number }[];
}

/**
 * Checks names and types of a parsed condition, which the CEL library leaves to the run: by then a lead is waiting.
 * Throws `CelCheckError` for the first fault. Equality between types is refused too: CEL calls it false, which is
 * a rule that silently never applies.
 */
export function checkCel(parsed: Parsed, scope: CelScope): CelUses {
  const checker = new Checker(scope, parsed.sourceInfo?.positions ?? {});
  const type = checker.infer(parsed.expr, scope);
  if (type.kind !== 'truth' && type.kind !== 'any') {
    throw new CelCheckError(
      `the condition gives ${describeType(type)}`,
      0,
      'a condition that is true or false',
    );
  }
  const unguardedUtm = new Set([...checker.utmRead].filter((key) => !checker.utmTested.has(key)));
  return { facts: checker.facts, unguardedUtm, patterns: checker.patterns };
}

class Checker {
  readonly facts = new Set<string>();
  readonly utmRead = new Set<string>();
  readonly utmTested = new Set<string>();
  readonly patterns: { readonly pattern: string; readonly offset: number }[] = [];
  readonly #globals: CelScope;
  readonly #positions: Readonly<Record<string, number>>;

  constructor(globals: CelScope, positions: Readonly<Record<string, number>>) {
    this.#globals = globals;
    this.#positions = positions;
  }

  infer(expr: Expr, scope: CelScope): CelType {
    const { exprKind } = expr;
    switch (exprKind.case) {
      case 'constExpr':
        return literalTypes[exprKind.value.constantKind.case ?? ''] ?? celTypes.any;
      case 'identExpr':
        return this.#variable(expr, exprKind.value.name, scope);
      case 'selectExpr':
        return this.#select(expr, exprKind.value, scope);
      case 'callExpr':
        return this.#call(expr, exprKind.value, scope);
      case 'listExpr':
        return {
          kind: 'list',
          item: commonType(exprKind.value.elements.map((element) => this.infer(element, scope))),
        };
      case 'comprehensionExpr': {
        const { iterRange, iterVar, accuVar, accuInit, loopCondition, loopStep, result } = exprKind.value;
        const range = iterRange ? this.infer(iterRange, scope) : celTypes.any;
        const inner = { ...scope, [iterVar]: range.kind === 'list' ? range.item : celTypes.any };
        if (accuInit) inner[accuVar] = this.infer(accuInit, scope);
        for (const part of [loopCondition, loopStep]) if (part) this.infer(part, inner);
        return result ? this.infer(result, inner) : celTypes.any;
      }
      case 'structExpr':
        if (exprKind.value.messageName !== '')
          return this.#fail(expr, `unknown type "${exprKind.value.messageName}"`, 'text, numbers and lists');
        return { kind: 'map', item: celTypes.any };
      case undefined:
        return celTypes.any;
    }
  }

  #variable(expr: Expr, name: string, scope: CelScope): CelType {
    // `constructor` and the like are no variables.
    const type = Object.hasOwn(scope, name) ? scope[name] : undefined;
    if (type === undefined) {
      return this.#fail(
        expr,
        `unknown variable "${name}"${didYouMean(name, Object.keys(this.#globals))}`,
        `one of ${listNames(Object.keys(this.#globals))}`,
      );
    }
    if (type.kind !== 'facts') this.facts.add(name);
    return type;
  }

  #select(expr: Expr, select: Select, scope: CelScope): CelType {
    const operand = select.operand ? this.infer(select.operand, scope) : celTypes.any;
    const type = this.#field(expr, operand, { name: select.field, tested: select.testOnly });
    return select.testOnly ? celTypes.truth : type;
  }

  #field(expr: Expr, operand: CelType, field: { readonly name: string; readonly tested: boolean }): CelType {
    const { name, tested } = field;
    if (operand.kind === 'facts') {
      const type = Object.hasOwn(operand.fields, name) ? operand.fields[name] : undefined;
      if (type === undefined) {
        const names = Object.keys(operand.fields);
        const message = `"${operand.name}" has no field "${name}"${didYouMean(name, names)}`;
        return this.#failAtName(expr, message, `one of ${listNames(names)}`);
      }
      this.facts.add(`${operand.name}.${name}`);
      return type;
    }
    if (operand.kind === 'map') {
      (tested ? this.utmTested : this.utmRead).add(name);
      return operand.item;
    }
    if (operand.kind === 'any') return celTypes.any;
    const message = `${describeType(operand)} has no field "${name}"`;
    return this.#failAtName(expr, message, 'a field of lead, account or match');
  }

  #call(expr: Expr, call: Call, scope: CelScope): CelType {
    const name = call.function;
    if (call.target) {
      const target = this.infer(call.target, scope);
      const method = Object.hasOwn(celMethods, name) ? celMethods[name] : undefined;
      if (!method) {
        const names = Object.keys(celMethods);
        return this.#failAtName(
          expr,
          `unknown method "${name}"${didYouMean(name, names)}`,
          `one of ${listNames(names)}`,
        );
      }
      if (method.on && !sameType(method.on, target)) {
        return this.#fail(
          call.target,
          `${name}() is asked of ${describeType(target)}`,
          describeType(method.on),
        );
      }
      return this.#signature(expr, call, { ...method, scope });
    }
    if (Object.hasOwn(celFunctions, name))
      return this.#signature(expr, call, { ...(celFunctions[name] as CelSignature), scope });
    return this.#operator(expr, call, scope);
  }

  #signature(expr: Expr, call: Call, signature: CelSignature & { readonly scope: CelScope }): CelType {
    const { args, required, result, scope } = signature;
    if (call.args.length < required || call.args.length > args.length) {
      const count =
        required === args.length ? String(required) : `${String(required)} to ${String(args.length)}`;
      const message = `${call.function}() is given ${String(call.args.length)} argument(s)`;
      const expected = `${count} argument(s)`;
      return call.target ? this.#failAtName(expr, message, expected) : this.#fail(expr, message, expected);
    }
    const pattern = call.function === 'matches' ? call.args.at(-1) : undefined;
    const literal = pattern && constantText(pattern);
    if (pattern && literal !== undefined)
      this.patterns.push({ pattern: literal, offset: this.#offset(pattern) });
    call.args.forEach((arg, index) => {
      const wanted = args[index] ?? celTypes.any;
      const got = this.infer(arg, scope);
      if (!sameType(wanted, got))
        this.#fail(arg, `${call.function}() is given ${describeType(got)}`, describeType(wanted));
    });
    return result;
  }

  #operator(expr: Expr, call: Call, scope: CelScope): CelType {
    const name = call.function;
    const types = call.args.map((arg) => this.infer(arg, scope));
    const [left = celTypes.any, right = celTypes.any, third = celTypes.any] = types;
    if (name === '_&&_' || name === '_||_' || name === '!_' || name === '@not_strictly_false') {
      call.args.forEach((arg, index) => {
        this.#want(arg, types[index] ?? celTypes.any, celTypes.truth);
      });
      return celTypes.truth;
    }
    if (name === '_==_' || name === '_!=_') {
      this.#knownValue(call.args[1], left);
      this.#knownValue(call.args[0], right);
    }
    const binary = binaryResult(name, left, right);
    if (binary) return 'fault' in binary ? this.#fail(expr, binary.fault, binary.expected) : binary;
    if (name === '@in') return this.#membership(call, left, right);
    if (name === '_?_:_') {
      if (call.args[0]) this.#want(call.args[0], left, celTypes.truth);
      return commonType([right, third]);
    }
    if (name === '_[_]') return this.#index(expr, call, left);
    if (name === '-_' && (isNumber(left) || left.kind === 'any')) return left;
    return this.#fail(
      expr,
      `unknown function "${name}"${didYouMean(name, [...Object.keys(celFunctions), 'has'])}`,
      `one of ${listNames([...Object.keys(celFunctions), 'has'])}`,
    );
  }

  #want(expr: Expr, got: CelType, wanted: CelType): void {
    if (!sameType(wanted, got))
      this.#fail(
        expr,
        `${describeType(got)} stands where ${describeType(wanted)} is needed`,
        describeType(wanted),
      );
  }

  #membership(call: Call, left: CelType, right: CelType): CelType {
    const [item, list] = call.args;
    if (right.kind !== 'list' && right.kind !== 'map' && right.kind !== 'any') {
      if (list) this.#fail(list, `"in" looks into ${describeType(right)}`, "a list such as ['DE', 'AT']");
    } else if (right.kind === 'list' && !sameType(left, right.item) && item) {
      this.#fail(
        item,
        `looks for ${describeType(left)} in a list of ${describeType(right.item)}`,
        describeType(right.item),
      );
    } else if (right.kind === 'list' && item) {
      this.#knownValue(item, right.item);
      this.#knownValue(list, left);
    } else if (right.kind === 'map' && item) {
      const key = constantText(item);
      if (key !== undefined) this.utmTested.add(key);
    }
    return celTypes.truth;
  }

  /** A word compared with a text that can never be it: a condition that silently never holds. */
  #knownValue(expr: Expr | undefined, type: CelType): void {
    if (expr === undefined || type.kind !== 'text' || type.known === undefined) return;
    const words = expr.exprKind.case === 'listExpr' ? expr.exprKind.value.elements : [expr];
    for (const word of words) {
      const value = constantText(word);
      if (value !== undefined && !type.known.includes(value))
        this.#fail(
          word,
          `nothing is ever "${value}" here${didYouMean(value, type.known)}`,
          listNames(type.known.filter(Boolean)),
        );
    }
  }

  #index(expr: Expr, call: Call, operand: CelType): CelType {
    const key = call.args[1] ? constantText(call.args[1]) : undefined;
    if ((operand.kind === 'facts' || operand.kind === 'map') && key !== undefined)
      return this.#field(expr, operand, { name: key, tested: false });
    return operand.kind === 'list' || operand.kind === 'map' ? operand.item : celTypes.any;
  }

  #fail(expr: Expr, message: string, expected: string): never {
    throw new CelCheckError(message, this.#offset(expr), expected);
  }

  /** For what stands after a dot: a field or method. */
  #failAtName(expr: Expr, message: string, expected: string): never {
    throw new CelCheckError(message, this.#dot(expr) + 1, expected);
  }

  /** Where an expression starts: the parser places `lead.country` at its dot. */
  #offset(expr: Expr): number {
    const { case: kind, value } = expr.exprKind;
    return kind === 'selectExpr' && value.operand ? this.#offset(value.operand) : this.#dot(expr);
  }

  #dot(expr: Expr): number {
    return this.#positions[String(expr.id)] ?? 0;
  }
}

function constantText(expr: Expr): string | undefined {
  if (expr.exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = expr.exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : undefined;
}
