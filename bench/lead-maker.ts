import { makePerson } from './people-maker';

/** A lead as a form would send it. */
export interface BenchLead {
  readonly externalId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly company: string;
  readonly title: string;
  readonly country: string;
  readonly message?: string;
  readonly source: string;
  readonly utm: Readonly<Record<string, string>>;
}

const titles = ['VP Sales', 'Head of IT', 'Engineer', 'Einkaufsleiter', 'Intern', 'CEO'];
const countries = ['US', 'DE', 'GB', 'BR', 'IN', 'FR', 'SG'];
const events = ['demo_request', 'webinar', 'pricing_page', 'newsletter', 'contact_sales'];

/** Every tenth lead is somebody who has sent one before. */
const repeatEvery = 10;
/** How far back the earlier one lies. */
const repeatBack = 7;
/** Numbers of phones in no order, each once: a prime that does not divide how many there are. */
const [phones, phoneStep] = [9_000_000, 7_368_787];

const pick = (values: readonly string[], n: number): string => values[n % values.length] ?? '';

/** Whether lead number `n` repeats the person of an earlier one. */
export function isRepeat(n: number): boolean {
  return n % repeatEvery === repeatEvery - 1;
}

/** How many of the leads `from` up to `until` (not included) repeat an earlier one. */
export function repeatsBetween(from: number, until: number): number {
  return Math.floor(until / repeatEvery) - Math.floor(from / repeatEvery);
}

/**
 * Lead number `n`: the same number always gives the same lead. Persons and companies are new, and their names as spread
 * as real ones, but for the tenth that are repeats: the same mailbox, written another way.
 */
export function makeLead(n: number): BenchLead {
  const who = isRepeat(n) ? n - repeatBack : n;
  const { firstName = '', lastName = '' } = makePerson(who);
  const email = `contact.${who}@company-${who}.example`;
  return {
    externalId: `bench-${n}`,
    firstName,
    lastName,
    email: isRepeat(n) ? email.toUpperCase() : email,
    phone: `+49 1512 ${String(1_000_000 + ((who * phoneStep) % phones))}`,
    company: `Company ${who} GmbH`,
    title: pick(titles, who),
    country: pick(countries, who),
    ...(n % 3 === 0 ? { message: 'We need this for about 250 people, decision this quarter.' } : {}),
    source: 'website',
    utm: { event: pick(events, n), campaign: 'bench' },
  };
}
