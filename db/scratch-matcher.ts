import type { Client } from 'pg';
import { placesOf } from '../domain/identity/account';
import { compare } from '../domain/identity/compare';
import { countHousehold, noHouseholds, relativesOf } from '../domain/identity/household';
import { countName, countNames, learnLevels, type Observation } from '../domain/identity/learn';
import { defaultModel, type IdentityModel } from '../domain/identity/model';
import { traitsOf, type Traits } from '../domain/identity/traits';
import type { LeadFields } from '../domain/lead';
import { keysToLock, leadKeys, recognise, type LeadKeys, type Recognised } from './recognise';
import { lockKeys, rememberAccount, rememberTraits } from './sql/identity-keys';

/** What was decided about one lead when it arrived. */
export interface Decided {
  readonly id: string;
  readonly personId: string;
  readonly accountId: string | null;
  readonly decision: 'known' | 'review' | 'new';
  /** The person a human would be asked about. */
  readonly reviewPersonId?: string;
  /** From the lead as typed to the decision. */
  readonly ms: number;
}

/** The identity engine by itself: the same matcher and statements as a lead's run, on tables of its own. */
export interface ScratchMatcher {
  decide(lead: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<Decided>;
  people(): number;
}

const tables = ['people', 'accounts', 'identity_keys', 'identity_traits', 'account_keys'] as const;
/** It learns from what it has seen at so many people or repeats, then whenever either has doubled. */
const firstLesson = { people: 250, repeats: 125 };
const rememberedObservations = 4_000;

/** Creates the schema with empty tables like the instance's, and makes them the ones this connection sees. */
export async function openScratch(client: Client, schema: string): Promise<ScratchMatcher> {
  await client.query(`CREATE SCHEMA ${schema}`);
  for (const table of tables)
    await client.query(`CREATE TABLE ${schema}.${table} (LIKE public.${table} INCLUDING ALL)`);
  await client.query(
    `CREATE SEQUENCE ${schema}.numbers; ALTER TABLE ${schema}.people ALTER number SET DEFAULT nextval('${schema}.numbers')`,
  );
  await client.query(`SET search_path TO ${schema}; SET synchronous_commit TO off`);
  const pupil = createPupil();
  let number = 0;
  return {
    people: () => pupil.people(),
    decide: async ({ id, ...typed }) => {
      number++;
      const started = performance.now();
      const traits = traitsOf(textFields(typed));
      const keys = leadKeys(traits);
      const [, , found] = await Promise.all([
        client.query('BEGIN'),
        lockKeys(client, keysToLock(keys)),
        recognise(client, traits, keys, {
          model: pupil.model(),
          subsidiaries: 'separate',
          authority: {},
        }),
      ]);
      const ms = performance.now() - started;
      const decided = await write(client, { traits, keys, found, number, leadId: `${String(number)}:${id}` });
      await client.query('COMMIT');
      pupil.saw(traits, found);
      return { id, ...decided, ms: Math.round(ms * 100) / 100 };
    },
  };
}

async function write(
  client: Client,
  lead: {
    readonly traits: Traits;
    readonly keys: LeadKeys;
    readonly found: Recognised;
    readonly number: number;
    readonly leadId: string;
  },
): Promise<Omit<Decided, 'id' | 'ms'>> {
  const { traits, keys, found } = lead;
  const { decision, account } = found;
  const known = decision.kind === 'known' ? decision.match.personId : undefined;
  const personId = known ?? `p${String(lead.number).padStart(9, '0')}`;
  if (known === undefined)
    await client.query({
      name: 'scratch-person',
      text: `INSERT INTO people (id, profile) VALUES ($1, '{}')`,
      values: [personId],
    });
  await rememberTraits(client, { personId, leadId: lead.leadId, traits, keys: keys.person });
  const accountId = traits.firm ? (account?.id ?? `a${String(lead.number).padStart(9, '0')}`) : null;
  if (traits.firm && accountId !== null)
    await rememberAccount(client, {
      id: accountId,
      name: traits.firm.core.join(' ') || (traits.firm.domains[0] ?? ''),
      country: traits.country,
      firm: traits.firm,
      places: placesOf(traits),
      keys: keys.account,
    });
  return {
    personId,
    accountId,
    decision: decision.kind,
    ...(decision.kind === 'review' ? { reviewPersonId: decision.nearest.personId } : {}),
  };
}

/** Learns as an instance whose lessons are published: names and households are counted always, levels learned when there is twice as much to learn from. */
function createPupil(): {
  readonly model: () => IdentityModel;
  readonly people: () => number;
  readonly saw: (lead: Traits, found: Recognised) => void;
} {
  let model = defaultModel;
  let [people, repeats] = [0, 0];
  const lesson = { ...firstLesson };
  const counts = {
    given: new Map<string, number>(),
    family: new Map<string, number>(),
    full: new Map<string, number>(),
  };
  const households = noHouseholds();
  const observations: Observation[] = [];
  return {
    model: () => model,
    people: () => people,
    saw: (lead, { decision, candidates, census }) => {
      const pairs = candidates.map(({ traits }) => ({
        evidence: compare(lead, traits),
        person: traits,
        census,
      }));
      observations.push({ lead, pairs });
      countHousehold(households, decision.kind === 'known', pairs);
      model = { ...model, relatives: relativesOf(households) };
      if (observations.length > 2 * rememberedObservations) observations.splice(0, rememberedObservations);
      if (decision.kind === 'known') repeats++;
      else {
        people++;
        countName(counts, lead);
      }
      if (people < lesson.people && repeats < lesson.repeats) return;
      if (people >= lesson.people) lesson.people *= 2;
      if (repeats >= lesson.repeats) lesson.repeats *= 2;
      model = learnLevels(observations.slice(-rememberedObservations), {
        ...model,
        ...countNames(counts, people),
      });
    },
  };
}

/** The fields of a lead that are text; any other value is no use for comparison. */
function textFields(typed: Readonly<Record<string, unknown>>): LeadFields {
  const text = (name: string): string | undefined => {
    const value = typed[name];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  };
  return {
    firstName: text('firstName'),
    lastName: text('lastName'),
    email: text('email'),
    phone: text('phone'),
    title: text('title'),
    company: text('company'),
    website: text('website'),
    street: text('street'),
    street2: text('street2'),
    postalCode: text('postalCode'),
    city: text('city'),
    state: text('state'),
    country: text('country'),
    dateOfBirth: text('dateOfBirth'),
    externalId: text('externalId'),
  };
}
