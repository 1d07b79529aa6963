import { MockActivityEnvironment } from '@temporalio/testing';
import { createCrmActivities, type CrmDeps } from '../../activities/crm';
import { deriveLeadId } from '../../domain/ids';

const id = deriveLeadId('form', 'one');
const lead = {
  id,
  person: { id: 'person_1' },
  account: null,
  owner: null,
  score: 10,
  band: 'cold',
  status: 'assigned',
  sla: null,
} as const;

/** Writes the lead where the CRM's limits make writes wait. */
async function write(takeTurn: CrmDeps['takeTurn']) {
  const written: string[] = [];
  const { writeCrm } = createCrmActivities({
    crm: {
      system: 'local',
      upsertLead: async (_lead, key) => {
        written.push(key);
        return { externalId: 'x' };
      },
    },
    store: {
      crmLead: async () => ({ lead, closed: false }),
      synced: async () => undefined,
      takeTurn: async () => true,
      endTurn: async () => undefined,
      lease: async () => true,
      release: async () => undefined,
      leadIdOf: async () => undefined,
      hasJustMade: async () => false,
      deleted: async () => undefined,
    },
    clock: { now: () => 0 },
    takeTurn,
  });
  const run = new MockActivityEnvironment().run(writeCrm, { leadId: id, key: 'k' });
  const failure: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { written, failure };
}

test('a write that is not its turn fails as gave_way, is tried again a second later, and reaches no CRM before', async () => {
  const { written, failure } = await write(() => Promise.resolve(false));
  expect(failure).toMatchObject({ type: 'crm.gave_way', nonRetryable: false, nextRetryDelay: 1_000 });
  expect(written).toEqual([]);
});

test('a write whose turn it is is done', async () => {
  expect(await write(() => Promise.resolve(true))).toEqual({ written: ['k'], failure: undefined });
});
