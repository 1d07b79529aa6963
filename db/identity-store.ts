import type { Pool } from 'pg';
import type { IdentifyInput, IdentityStore, LeadState, PersonIdentity } from '../activities/ports';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { LeadFacts, LeadFields, LeadProgress } from '../domain/lead';
import type { Band } from '../domain/policy';
import { transaction } from './client';
import { enrichLead } from './sql/enrich-lead';
import {
  earlierLeads,
  ensureAccount,
  findIdentity,
  lockKeys,
  recall,
  writeIdentified,
  writeMerged,
  type KnownIdentity,
} from './sql/identify';

export function createIdentityStore(pool: Pool): IdentityStore {
  return {
    lead: (leadId) => leadState(pool, leadId),
    identify: (input) => identify(pool, input),
    recall: async ({ keys, accountDomain, facts }) => {
      const { person, account } = await recall(pool, keys, accountDomain);
      return mergeFacts(facts, account, {
        knownPerson: person !== null,
        owner: person?.ownerId ?? account?.ownerId ?? '',
      });
    },
    enrich: (leadId, found, late, at) => enrichLead(pool, { leadId, found, late, at }),
  };
}

async function identify(pool: Pool, input: IdentifyInput): Promise<PersonIdentity> {
  return transaction(pool, async (client) => {
    await lockKeys(client, input.keys);
    const known = await findIdentity(client, input);
    if (!known) throw new Error(`lead ${input.leadId} has no row`);
    if (known.personId) return alreadyIdentified(known, known.personId);

    const key = input.keys.find((candidate) => known.owners[candidate] !== undefined);
    const personId = (key && known.owners[key]) ?? input.newPersonId;
    const earlier = key ? await earlierLeads(client, personId, input.leadId) : [];
    const accountId = known.account?.id ?? (input.accountDomain ? await ensureAccount(client, input) : null);
    const because = key ? `same ${key.slice(0, key.indexOf(':'))}` : 'no key of this person was seen before';
    const into = earlier.find((lead) => lead.open)?.leadId;
    if (into) {
      await writeMerged(client, input, { personId, accountId, into, because });
      return { kind: 'merged', personId, into };
    }
    const facts = mergeFacts(input.facts, known.account, {
      knownPerson: key !== undefined,
      owner: earlier.find((lead) => lead.ownerId)?.ownerId ?? known.account?.ownerId ?? '',
    });
    await writeIdentified(client, input, { personId, accountId, known: key !== undefined, facts, because });
    return { kind: key ? 'known' : 'new', personId, ...(accountId ? { accountId } : {}) };
  });
}

function alreadyIdentified(known: KnownIdentity, personId: string): PersonIdentity {
  if (known.mergedInto) return { kind: 'merged', personId, into: known.mergedInto };
  return {
    kind: known.facts?.match.knownPerson ? 'known' : 'new',
    personId,
    ...(known.accountId ? { accountId: known.accountId } : {}),
  };
}

/** What we know of the account fills what the lead does not say. */
function mergeFacts(
  facts: LeadFacts,
  account: KnownIdentity['account'],
  match: { knownPerson: boolean; owner: string },
): LeadFacts {
  return {
    lead: facts.lead,
    account: {
      domain: facts.account.domain,
      name: account?.name ?? facts.account.name,
      employees: account?.employees ?? facts.account.employees,
      industry: account?.industry ?? facts.account.industry,
      country: account?.country ?? facts.account.country,
    },
    match: { ...match, knownAccount: account !== null },
  };
}

async function leadState(pool: Pool, leadId: LeadId): Promise<LeadState | undefined> {
  const { rows } = await pool.query<{
    progress: LeadProgress;
    received_at: Date;
    source: string;
    fields: LeadFields;
    facts: LeadFacts | null;
    person_id: string | null;
    merged_into: LeadId | null;
    owner_id: string | null;
    hop: number;
    first_touch_at: Date | null;
    score: number | null;
    band: Band | null;
    policy_version: number | null;
  }>({
    name: 'lead-state',
    text: `SELECT progress, received_at, source, fields, facts, person_id, merged_into, owner_id, hop, first_touch_at, score, band,
             policy_version FROM leads WHERE id = $1`,
    values: [leadId],
  });
  const row = rows[0];
  if (!row) return undefined;
  return {
    leadId,
    progress: row.progress,
    receivedAt: toInstant(row.received_at.getTime()),
    source: row.source,
    fields: row.fields,
    hop: row.hop,
    ...(row.facts ? { facts: row.facts } : {}),
    ...(row.person_id ? { personId: row.person_id } : {}),
    ...(row.merged_into ? { mergedInto: row.merged_into } : {}),
    ...(row.owner_id ? { ownerId: row.owner_id } : {}),
    ...(row.first_touch_at ? { firstTouchAt: toInstant(row.first_touch_at.getTime()) } : {}),
    ...(row.score === null ? {} : { score: row.score }),
    ...(row.band ? { band: row.band } : {}),
    ...(row.policy_version === null ? {} : { policyVersion: row.policy_version }),
  };
}
