import type { PersonMade } from '../../../activities/ports-vendors';
import { createCrmStore } from '../../../db/crm-store';
import { createCrmSyncStore } from '../../../db/crm-sync-store';
import { toInstant } from '../../../domain/instant';
import { deriveLeadId, type LeadId } from '../../../domain/ids';
import type { LeadFields } from '../../../domain/lead';
import { openIdentity, type IdentityWorld } from '../../support/identity';

const system = 'pipedrive';
let world: IdentityWorld;
let crm: ReturnType<typeof createCrmStore>;
beforeAll(async () => {
  world = await openIdentity();
  crm = createCrmStore({ pool: world.pool }, { live: async () => undefined });
});
afterAll(() => world.close());

/** A lead whose first write to the CRM has begun. */
async function writing(fields: LeadFields): Promise<LeadId> {
  const { leadId } = await world.lead(fields);
  await crm.crmLead(leadId, system);
  return leadId;
}
async function written(leadId: LeadId): Promise<void> {
  const found = await crm.crmLead(leadId, system);
  await crm.synced(found!.lead, system, `x-${leadId}`, toInstant(Date.now()));
}
const made = (person: PersonMade, except = deriveLeadId('pd', 'e1')) => crm.hasJustMade(person, except);
const ago = (leadId: LeadId, time: string) =>
  world.pool.query(`UPDATE crm_states SET making_at = now() - $2::interval WHERE lead_id = $1`, [
    leadId,
    time,
  ]);

test('a person of an address that is being written may be ours, from the beginning of the write on', async () => {
  const email = 'Ada.Winter@nordwind.example';
  const { leadId } = await world.lead({ email, phone: '+49 30 901820' });
  expect(await made({ email })).toBe(false);
  await crm.crmLead(leadId, system);
  expect(await made({ email: email.toLowerCase(), phone: '0' })).toBe(true);
  await written(leadId);
  expect(await made({ email })).toBe(true);
});

test('ten minutes later he is not, and later writes of the lead make nobody', async () => {
  const email = 'bob@stone.example';
  const leadId = await writing({ email });
  await ago(leadId, '9 minutes 50 seconds');
  expect(await made({ email })).toBe(true);
  // A write that did not go through begins anew.
  await ago(leadId, '10 minutes 1 second');
  expect(await made({ email })).toBe(false);
  await crm.crmLead(leadId, system);
  expect(await made({ email })).toBe(true);
  await written(leadId);
  await ago(leadId, '10 minutes 1 second');
  await crm.crmLead(leadId, system);
  expect(await made({ email })).toBe(false);
});

test('a record that people deleted and that is made again has its person made again', async () => {
  const email = 'cleo@stone.example';
  const leadId = await writing({ email });
  await written(leadId);
  await ago(leadId, '1 hour');
  expect(await made({ email })).toBe(false);
  await createCrmSyncStore(world.pool).deleted(leadId, toInstant(Date.now()));
  await crm.crmLead(leadId, system);
  expect(await made({ email })).toBe(true);
});

test('somebody else is never ours, however much he has in common', async () => {
  await writing({ email: 'eve+fair@gmail.com', phone: '+49 30 7654321', lastName: 'Stone' });
  await writing({ phone: '+49 (30) 1234-567', country: 'DE' });
  await world.lead({ email: 'idle@stone.example' });
  for (const [person, isOurs] of [
    [{ email: 'eve+fair@gmail.com' }, true],
    // The same mailbox, and not what we would have written.
    [{ email: 'eve@gmail.com' }, false],
    [{ email: 'other@example.com', phone: '+49 30 7654321' }, false],
    [{ phone: '+49 30 7654321' }, false],
    [{ phone: '+49 30 1234567' }, true],
    [{ phone: '0301234567' }, false],
    [{ email: 'idle@stone.example' }, false],
    [{ email: 'new@example.com' }, false],
    [{ email: 'none' }, false],
    [{}, false],
  ] as const)
    expect([person, await made(person)]).toEqual([person, isOurs]);
});

test('a person who became a lead by the event itself is a lead when the event is repeated', async () => {
  const email = 'theirs@example.com';
  const leadId = await writing({ email });
  expect([await made({ email }, leadId), await made({ email })]).toEqual([false, true]);
});
