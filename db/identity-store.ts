import type { Pool, PoolClient } from 'pg';
import type { LeadState } from '../activities/ports';
import type { IdentifyInput, IdentityStore, PersonIdentity } from '../activities/ports-identity';
import type { IdentityDecision } from '../domain/identity/decide';
import { survive } from '../domain/identity/survive';
import { placesOf } from '../domain/identity/account';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { LeadFacts, LeadFields, LeadProgress } from '../domain/lead';
import type { Band } from '../domain/policy';
import { transaction } from './client';
import type { IdentityModels } from './identity-models';
import {
  accountForSure,
  keysToLock,
  leadKeys,
  recognise,
  type LeadKeys,
  type MatchBy,
  type Recognised,
} from './recognise';
import { checkedMail, enrichLead } from './sql/enrich-lead';
import {
  accountView,
  askForReview,
  earlierLeads,
  holdOpen,
  leadIdentity,
  writeIdentified,
  writeMerged,
  type AccountView,
  type LeadIdentity,
} from './sql/identify';
import { lockKeys, rememberAccount, rememberTraits } from './sql/identity-keys';
import { showingsOf } from './sql/showings';

export function createIdentityStore(pool: Pool, models: IdentityModels): IdentityStore {
  return {
    lead: (leadId) => leadState(pool, leadId),
    identify: async (input) => identify(pool, input, await models.current()),
    otherEvents: (personId, leadId) => otherEvents(pool, personId, leadId),
    recall: (input) => recall(pool, input, models),
    enrich: (leadId, found, at) => enrichLead(pool, { leadId, found, at }),
    checkedMail: (leadId, answer, at) => checkedMail(pool, { leadId, answer, at }),
  };
}

async function identify(pool: Pool, input: IdentifyInput, by: MatchBy): Promise<PersonIdentity> {
  const keys = leadKeys(input.traits);
  return transaction(pool, async (client) => {
    // Sent at once, answered in this order: whatever is read was read under the locks.
    const [, before, found] = await Promise.all([
      lockKeys(client, keysToLock(keys)),
      leadIdentity(client, input.leadId),
      recognise(client, input.traits, keys, by),
    ]);
    if (!before) throw new Error(`lead ${input.leadId} has no row`);
    if (before.personId) return alreadyIdentified(before, before.personId);
    const isSure = !input.traits.firm || found.account?.gainsName === false;
    const account = isSure ? found.account : await accountForSure(client, input.traits, keys, by);
    return write(client, input, keys, {
      ...found,
      ...(account ? { account } : {}),
      authority: by.authority,
    });
  });
}

/** Writes what was recognised; the caller holds the locks. */
async function write(
  client: PoolClient,
  input: IdentifyInput,
  keys: LeadKeys,
  { decision, account, authority }: Recognised & Pick<MatchBy, 'authority'>,
): Promise<PersonIdentity> {
  const known = decision.kind === 'known' ? decision.match.personId : undefined;
  const personId = known ?? input.newPersonId;
  const accountId = input.traits.firm ? (account?.id ?? input.newAccountId) : null;
  const [earlier, view, showings] = await Promise.all([
    known ? earlierLeads(client, known, input.leadId) : [],
    account ? accountView(client, account.id) : null,
    known ? showingsOf(client, [known], authority, input.leadId) : [],
  ]);
  const profile = known ? survive(showings) : input.profile;
  const found = { personId, profile, accountId, why: whyOf(decision, account?.by) };
  const into = await holdOpen(client, earlier);
  const facts = mergeFacts(input.facts, view, {
    knownPerson: known !== undefined,
    ...owners(earlier, view),
  });
  await Promise.all([
    accountId && writeAccount(client, input, keys.account, accountId),
    into
      ? writeMerged(client, input, { ...found, into })
      : writeIdentified(client, input, { ...found, facts }),
    ask(client, input, personId, decision),
    rememberTraits(client, { personId, leadId: input.leadId, traits: input.traits, keys: keys.person }),
  ]);
  if (into) return { kind: 'merged', personId, into };
  return { kind: known ? 'known' : 'new', personId, ...(accountId ? { accountId } : {}) };
}

/** Asks whether a new person is the one he is near to, and whether two known people to whom the lead is near are one. */
async function ask(
  client: PoolClient,
  input: IdentifyInput,
  personId: string,
  decision: IdentityDecision,
): Promise<void> {
  if (decision.kind === 'review') await askForReview(client, input, personId, decision.nearest);
  if (decision.kind !== 'known' || !decision.also) return;
  const [older = '', younger = ''] = [personId, decision.also.personId].sort();
  await askForReview(client, input, younger, { ...decision.also, personId: older });
}

/** Writes down what the lead showed of its company. */
async function writeAccount(
  client: PoolClient,
  { traits, accountName, facts }: IdentifyInput,
  keys: readonly string[],
  id: string,
): Promise<void> {
  const { firm } = traits;
  if (!firm) return;
  await rememberAccount(client, {
    id,
    firm,
    keys,
    places: placesOf(traits),
    name: accountName ?? firm.domains[0] ?? firm.core.join(' '),
    country: facts.account.country,
  });
}

/** What the timeline and the explanation say about who the lead is from. */
function whyOf(decision: IdentityDecision, accountBy: string | undefined): Readonly<Record<string, unknown>> {
  const company = accountBy === undefined ? {} : { accountBy };
  const rounded = ({ bits, reasons }: { bits: number; reasons: readonly { bits: number }[] }): object => ({
    bits: Math.round(bits * 10) / 10,
    reasons: reasons.map((reason) => ({ ...reason, bits: Math.round(reason.bits * 10) / 10 })),
  });
  switch (decision.kind) {
    case 'known':
      return {
        person: 'known',
        ...rounded(decision.match),
        ...(decision.also ? { also: decision.also.personId } : {}),
        ...company,
      };
    case 'review':
      return { person: 'new', maybe: decision.nearest.personId, ...rounded(decision.nearest), ...company };
    case 'new':
      return { person: 'new', because: 'nobody known is near enough', ...company };
  }
}

/** The facts of a lead as its run would have them now; nothing is locked or written. */
async function recall(
  pool: Pool,
  { traits, facts }: Pick<IdentifyInput, 'traits' | 'facts'>,
  models: IdentityModels,
): Promise<LeadFacts> {
  const by = await models.current();
  return transaction(pool, async (client) => {
    const { decision, account } = await recognise(client, traits, leadKeys(traits), by);
    const known = decision.kind === 'known' ? decision.match.personId : undefined;
    const earlier = known ? await earlierLeads(client, known, '' as LeadId) : [];
    const view = account ? await accountView(client, account.id) : null;
    return mergeFacts(facts, view, {
      knownPerson: known !== undefined,
      ...owners(earlier, view),
    });
  });
}

function alreadyIdentified(known: LeadIdentity, personId: string): PersonIdentity {
  if (known.mergedInto) return { kind: 'merged', personId, into: known.mergedInto };
  return {
    kind: known.facts?.match.knownPerson ? 'known' : 'new',
    personId,
    ...(known.accountId ? { accountId: known.accountId } : {}),
  };
}

/** Whose the person is, else the account; and whose the account is. */
function owners(
  earlier: readonly { readonly ownerId: string | null }[],
  account: AccountView | null,
): Pick<LeadFacts['match'], 'owner' | 'accountOwner'> {
  const accountOwner = account?.ownerId ?? '';
  return { owner: earlier.find((lead) => lead.ownerId)?.ownerId ?? accountOwner, accountOwner };
}

/** What we know of the account fills what the lead does not say. */
function mergeFacts(
  facts: LeadFacts,
  account: AccountView | null,
  match: Omit<LeadFacts['match'], 'knownAccount'>,
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

/** Leads that were merged into another one tell what the person did as well as the others. */
async function otherEvents(
  pool: Pool,
  personId: string,
  leadId: LeadId,
): ReturnType<IdentityStore['otherEvents']> {
  const { rows } = await pool.query<{ event: string; at: Date; band: Band | null }>({
    name: 'other-events',
    text: `SELECT COALESCE(l.fields -> 'utm' ->> 'event', 'form') AS event, l.received_at AS at, l.band
           FROM leads l WHERE l.person_id = $1 AND l.id <> $2 ORDER BY l.seq DESC LIMIT 50`,
    values: [personId, leadId],
  });
  return rows.map(({ event, at, band }) => ({
    event,
    at: toInstant(at.getTime()),
    ...(band === null ? {} : { band }),
  }));
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
    closed: boolean;
    owner_id: string | null;
    hop: number;
    first_touch_at: Date | null;
    score: number | null;
    band: Band | null;
    policy_version: number | null;
    score_override: LeadState['scoring']['override'] | null;
    routed_band: Band | null;
    rerouted: boolean;
    open_offer: LeadState['openOffer'] | null;
  }>({
    name: 'lead-state',
    // Facts that were written before there was a check of mail domains do not have its answer.
    text: `SELECT progress, received_at, source, fields,
             jsonb_set(facts, '{lead}', '{"emailDeliverable":""}' || (facts -> 'lead')) AS facts, person_id, merged_into, closed_at IS NOT NULL AS closed, owner_id, hop,
             first_touch_at, score, band, policy_version,
             score_override, explanation ->> 'band' AS routed_band, rerouted, open_offer FROM leads WHERE id = $1`,
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
    closed: row.closed,
    hop: row.hop,
    scoring: {
      rerouted: row.rerouted,
      ...(row.score_override ? { override: row.score_override } : {}),
      ...(row.routed_band ? { routedBand: row.routed_band } : {}),
    },
    ...(row.facts ? { facts: row.facts } : {}),
    ...(row.person_id ? { personId: row.person_id } : {}),
    ...(row.merged_into ? { mergedInto: row.merged_into } : {}),
    ...(row.owner_id ? { ownerId: row.owner_id } : {}),
    ...(row.first_touch_at ? { firstTouchAt: toInstant(row.first_touch_at.getTime()) } : {}),
    ...(row.score === null ? {} : { score: row.score }),
    ...(row.band ? { band: row.band } : {}),
    ...(row.policy_version === null ? {} : { policyVersion: row.policy_version }),
    ...(row.open_offer ? { openOffer: row.open_offer } : {}),
  };
}
