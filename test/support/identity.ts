import { Pool } from 'pg';
import type { IdentityModels } from '../../db/identity-models';
import { createIdentityStore } from '../../db/identity-store';
import { createPeopleStore } from '../../db/people-store';
import { createReviewStore } from '../../db/review-store';
import { createThresholdStore } from '../../db/threshold-store';
import { ownFacts } from '../../domain/identity/facts';
import { profileOf } from '../../domain/identity/survive';
import { leadTraits } from '../../domain/identity/traits';
import { defaultModel } from '../../domain/identity/model';
import { deriveLeadId, mintId, type LeadId } from '../../domain/ids';
import { toInstant, type IsoInstant } from '../../domain/instant';
import type { LeadFields } from '../../domain/lead';
import { cloneDatabase } from './database';

/** Where identified leads begin; each comes a minute after the one before. */
const startMs = Date.UTC(2026, 10, 24, 9);

/** The stores of who is who on a database of their own, and leads that go through identification alone. */
export async function openIdentity() {
  const database = await cloneDatabase();
  const pool = new Pool({ connectionString: database.url, max: 12, pipeline: true });
  pool.on('error', () => undefined); // the end of the database may come before that of a connection
  const authority: Record<string, number> = {};
  const models: IdentityModels = {
    current: async () => ({ model: defaultModel, subsidiaries: 'separate', authority }),
  };
  const identities = createIdentityStore(pool, models);
  const people = createPeopleStore(pool, models);
  let leads = 0;
  const now = (): IsoInstant => toInstant(startMs + leads * 60_000);
  return {
    database,
    pool,
    identities,
    people,
    reviews: createReviewStore(pool, models),
    thresholds: createThresholdStore(pool),
    now,
    /** How far sources are believed; a test fills it in. */
    authority,
    /** A lead as the run identifies it. @returns its id and person. */
    lead: async (
      fields: LeadFields,
      source = 'test',
    ): Promise<{ leadId: LeadId; personId: string; kind: string }> => {
      leads += 1;
      const at = now();
      const leadId = deriveLeadId('test', String(leads));
      await pool.query(
        `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at) VALUES ($1, $4, $1, '{}', $2, $3)`,
        [leadId, JSON.stringify(fields), at, source],
      );
      const { facts, accountName } = ownFacts(fields, source);
      const { kind, personId } = await identities.identify({
        leadId,
        at,
        traits: leadTraits(fields),
        newPersonId: mintId('person', Date.parse(at)),
        newAccountId: mintId('account', Date.parse(at)),
        newReviewId: mintId('review', Date.parse(at)),
        profile: profileOf(fields),
        facts,
        enrichment: {},
        ...(accountName ? { accountName } : {}),
      });
      return { leadId, personId, kind };
    },
    /** Everything kept about people, apart from the merges themselves. */
    state: async () => {
      const all = async (text: string) => (await pool.query(text)).rows as Record<string, unknown>[];
      return {
        people: await all('SELECT id, profile, account_id, merged_into FROM people ORDER BY id'),
        keys: await all('SELECT person, hash FROM identity_keys ORDER BY person, hash'),
        traits: await all('SELECT person, lead_id, seq, traits FROM identity_traits ORDER BY seq'),
        leads: await all('SELECT id, person_id, account_id FROM leads ORDER BY seq'),
      };
    },
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

export type IdentityWorld = Awaited<ReturnType<typeof openIdentity>>;

/** One person who shows herself in two ways that share a surname only. */
export const ada = {
  firstName: 'Ada',
  lastName: 'Winter',
  email: 'ada.winter@nordwind.example',
  company: 'Nordwind GmbH',
};
export const adaAtHome = {
  firstName: 'A.',
  lastName: 'Winter',
  email: 'schneemaus77@gmail.com',
  phone: '+49 30 901820',
};
