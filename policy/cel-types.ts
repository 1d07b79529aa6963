import type { LeadFacts } from '../domain/lead';

/**
 * What is known about a CEL value before any lead has come. `any` is a value only a run can tell (an element of
 * a mixed list, a loop variable); `facts` is one of the groups `lead`, `account`, `match`.
 */
export type CelType =
  | { readonly kind: 'integer' | 'decimal' | 'truth' | 'null' | 'any' }
  /** `known`: the only values it ever has; comparing it with another one is a slip. */
  | { readonly kind: 'text'; readonly known?: readonly string[] }
  | { readonly kind: 'list'; readonly item: CelType }
  | { readonly kind: 'map'; readonly item: CelType }
  | { readonly kind: 'facts'; readonly name: string; readonly fields: Readonly<Record<string, CelType>> };

const text: CelType = { kind: 'text' };
const integer: CelType = { kind: 'integer' };
const truth: CelType = { kind: 'truth' };
const decimal: CelType = { kind: 'decimal' };

/** The types without parts, shared because comparing kinds is all that is ever done with them. */
export const celTypes = {
  text,
  integer,
  decimal,
  truth,
  any: { kind: 'any' },
  null: { kind: 'null' },
} as const satisfies Record<string, CelType>;

/** Mirrors `LeadFacts`; the compiler refuses a field that one has and the other has not. */
const factTypes = {
  lead: {
    source: text,
    country: text,
    city: text,
    state: text,
    postalCode: text,
    title: text,
    emailDomain: text,
    emailDeliverable: { kind: 'text', known: ['', 'yes', 'no'] },
    freeMail: truth,
    roleMailbox: truth,
    hasPhone: truth,
    hasMessage: truth,
    consent: truth,
    utm: { kind: 'map', item: text },
    event: text,
  },
  account: { name: text, domain: text, employees: integer, industry: text, country: text },
  match: { knownPerson: truth, knownAccount: truth, owner: text, accountOwner: text },
} as const satisfies { readonly [G in keyof LeadFacts]: Readonly<Record<keyof LeadFacts[G], CelType>> };

/** Worked out from the facts of the lead (`celFacts`). */
const workedOut = { stateCode: text };

/** Variables by name. */
export type CelScope = Readonly<Record<string, CelType>>;

/** What a fit rule may look at: the score is being computed, so it is not there yet. */
export const scoringScope: CelScope = {
  lead: { kind: 'facts', name: 'lead', fields: { ...factTypes.lead, ...workedOut } },
  account: { kind: 'facts', name: 'account', fields: factTypes.account },
  match: { kind: 'facts', name: 'match', fields: factTypes.match },
};

/** What a routing rule may look at. */
export const routingScope: CelScope = {
  ...scoringScope,
  score: integer,
  band: { kind: 'text', known: ['hot', 'warm', 'cold'] },
};

/** The scope with the policy's own territories: the lead's first one, and all that hold it. */
export function withTerritories(scope: CelScope, names: readonly string[]): CelScope {
  const territory: CelType = { kind: 'text', known: ['', ...names] };
  return { ...scope, territory, territories: { kind: 'list', item: territory } };
}

/** What a pool's fit rules may look at besides: the member in question, with his level in every skill anybody has. */
export function withRep(scope: CelScope, skills: readonly string[]): CelScope {
  const levels: CelType = {
    kind: 'facts',
    name: 'rep.skills',
    fields: Object.fromEntries(skills.map((skill) => [skill, integer])),
  };
  return { ...scope, rep: { kind: 'facts', name: 'rep', fields: { id: text, skills: levels } } };
}

/** A function's types: receiver (absent for plain calls), least and all arguments, result. */
export interface CelSignature {
  readonly on?: CelType;
  readonly required: number;
  readonly args: readonly CelType[];
  readonly result: CelType;
}

const onText = (args: readonly CelType[], result: CelType, required = args.length): CelSignature => ({
  on: text,
  args,
  result,
  required,
});
const cast = (result: CelType): CelSignature => ({ args: [celTypes.any], result, required: 1 });

/** Methods conditions may call: CEL's own on text and the usual string extensions. */
export const celMethods: Readonly<Record<string, CelSignature>> = {
  contains: onText([text], truth),
  startsWith: onText([text], truth),
  endsWith: onText([text], truth),
  matches: onText([text], truth),
  lowerAscii: onText([], text),
  upperAscii: onText([], text),
  trim: onText([], text),
  charAt: onText([integer], text),
  indexOf: onText([text, integer], integer, 1),
  lastIndexOf: onText([text, integer], integer, 1),
  replace: onText([text, text, integer], text, 2),
  substring: onText([integer, integer], text, 1),
  split: onText([text, integer], { kind: 'list', item: text }, 1),
  join: { on: { kind: 'list', item: text }, args: [text], result: text, required: 0 },
  size: { on: celTypes.any, args: [], result: integer, required: 0 },
};

/**
 * Functions conditions may call. Time is left out on purpose: a rule that depends on when it is evaluated gives
 * another answer when it is replayed or rehearsed.
 */
export const celFunctions: Readonly<Record<string, CelSignature>> = {
  size: { args: [celTypes.any], result: integer, required: 1 },
  int: cast(integer),
  double: cast(decimal),
  string: cast(text),
  bool: cast(truth),
  dyn: cast(celTypes.any),
  matches: { args: [text, text], result: truth, required: 2 },
};

/** The type in words. */
export function describeType(type: CelType): string {
  const words = {
    text: 'text',
    integer: 'a whole number',
    decimal: 'a decimal number',
    truth: 'true/false',
    null: 'null',
    any: 'any value',
  };
  if (type.kind === 'facts') return `the group "${type.name}"`;
  if (type.kind === 'list') return 'a list';
  return type.kind === 'map' ? 'a map' : words[type.kind];
}

/** May values of these types be compared? Unknown ones may; numbers of both kinds may. */
export function sameType(left: CelType, right: CelType): boolean {
  return (
    left.kind === 'any' ||
    right.kind === 'any' ||
    left.kind === right.kind ||
    (isNumber(left) && isNumber(right))
  );
}

/** Whole or decimal. */
export function isNumber(type: CelType): boolean {
  return type.kind === 'integer' || type.kind === 'decimal';
}

/** The type all share, else `any`. */
export function commonType(types: readonly CelType[]): CelType {
  const [first] = types;
  return first !== undefined && types.every((type) => type.kind === first.kind) ? first : celTypes.any;
}

/** Types of literals, by the parser's names for them. */
export const literalTypes: Readonly<Record<string, CelType>> = {
  stringValue: text,
  boolValue: truth,
  int64Value: integer,
  doubleValue: decimal,
  nullValue: celTypes.null,
};
