/** Facts that are compared; each is counted once. */
export const facts = [
  'given',
  'family',
  'mailbox',
  'phone',
  'firm',
  'address',
  'title',
  'birth',
  'external',
  'generation',
] as const;
export type Fact = (typeof facts)[number];

/** What one fact says about a pair: a level, and the value whose commonness decides what agreement is worth. */
export interface Evidence {
  readonly fact: Fact;
  readonly level: string;
  /** Keys of the agreeing value (keys.ts), by which its bearers are counted; for names the words themselves. */
  readonly values?: readonly string[];
}
