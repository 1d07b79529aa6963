import { readFileSync } from 'node:fs';

/** A lead of examples/leads.jsonl; every field may be missing. */
export type ExampleLead = Readonly<Record<string, unknown>> & {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly company?: string;
  readonly website?: string;
};

/** Reads the examples, one lead a line. */
export function readExamples(file: string): readonly ExampleLead[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExampleLead);
}

const mailbox = (lead: ExampleLead): string | undefined => lead.email?.toLowerCase();

/**
 * `count` leads worth watching: the first ones that can be reached, and among them some by people who write again.
 * Returned in an order in which a repeat comes well after the first one.
 */
export function chooseLeads(
  examples: readonly ExampleLead[],
  count: number,
  repeats: number,
): readonly ExampleLead[] {
  const usable = examples.filter((lead) => lead.email !== undefined);
  const first = usable.slice(0, count - repeats);
  const known = new Set(first.map(mailbox));
  const again = usable.slice(first.length).filter((lead) => known.has(mailbox(lead)));
  return [...first, ...again.slice(0, repeats)];
}

/**
 * The same person for this run only, so that a second demo on the same instance is not merged into the first one.
 * Numbers come from small reserved ranges and cannot be varied: they are left out.
 */
export function tagged(lead: ExampleLead, tag: string): ExampleLead {
  const { phone: _phone, ...rest } = lead;
  const retag = (text: string): string => text.replace(/\.example(?=\/|$)/, `-${tag}.example`);
  const { email, website } = rest;
  const changed = email?.endsWith('.example') ? retag(email) : email?.replace('@', `.${tag}@`);
  return {
    ...rest,
    ...(changed === undefined ? {} : { email: changed }),
    ...(website === undefined ? {} : { website: retag(website) }),
  };
}

/** How a person calls a lead. */
export function nameOf({ firstName, lastName, company, email }: ExampleLead): string {
  const person = [firstName, lastName].filter(Boolean).join(' ') || (email ?? 'somebody');
  return company === undefined ? person : `${person}, ${company}`;
}
