import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCrmActivities } from '../../activities/crm';
import { ConnectorError, failureOfStatus, failureTable, type FailureCode } from '../../activities/failures';
import type { CrmLead, CrmLeadFound, CrmPort } from '../../activities/ports-vendors';
import { deriveLeadId } from '../../domain/ids';

const leadId = deriveLeadId('test', 'one');
const lead: CrmLead = {
  id: leadId,
  person: { id: 'per_1' },
  account: null,
  owner: null,
  score: null,
  band: null,
  status: 'assigned',
  sla: null,
};
const clock = { now: () => 0 };

function activities(upsertLead: CrmPort['upsertLead'], found: Partial<CrmLeadFound> = {}) {
  const synced: string[] = [];
  const lost: string[] = [];
  const store: Parameters<typeof createCrmActivities>[0]['store'] = {
    deleted: (id) => Promise.resolve(void lost.push(id)),
    crmLead: (id) => Promise.resolve(id === leadId ? { lead, closed: false, ...found } : undefined),
    synced: (_id, _system, externalId) => Promise.resolve(void synced.push(externalId)),
    leadIdOf: () => Promise.resolve(undefined),
    hasJustMade: async () => false,
    takeTurn: () => Promise.resolve(true),
    endTurn: () => Promise.resolve(),
    lease: () => Promise.resolve(true),
    release: () => Promise.resolve(),
  };
  const crm = { system: 'test', upsertLead };
  const { writeCrm } = createCrmActivities({ crm, store, clock, takeTurn: () => Promise.resolve(true) });
  const run = (id: string) => new MockActivityEnvironment().run(writeCrm, { leadId: id, key: 'key' });
  return { run, synced, lost };
}

test.each(Object.keys(failureTable) as FailureCode[])(
  '%s leads to what the failure table says',
  async (code) => {
    const { run, synced } = activities(() => Promise.reject(new ConnectorError(code, 'said so')));
    const failure: unknown = await run(leadId).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: `crm.${code}`,
      nonRetryable: failureTable[code].then === 'attention',
      message: 'said so',
    });
    expect(synced).toEqual([]);
  },
);

test('Retry-After becomes the delay of the next try', async () => {
  const { run } = activities(() =>
    Promise.reject(new ConnectorError('busy', 'later', { retryAfterMs: 7_000 })),
  );
  await expect(run(leadId)).rejects.toMatchObject({ nextRetryDelay: 7_000, nonRetryable: false });
});

test('what is not a connector error stays as it is: a bug is tried again, never parked', async () => {
  const bug = new TypeError('undefined is not a function');
  const { run } = activities(() => Promise.reject(bug));
  await expect(run(leadId)).rejects.toBe(bug);
});

test('a lead without a row needs attention', async () => {
  const { run } = activities(() => Promise.resolve({ externalId: 'x' }));
  await expect(run('lead_00000000000000000000000000')).rejects.toMatchObject({
    type: 'crm.unknown_lead',
    nonRetryable: true,
  });
});

test('success is recorded with the id the CRM gave', async () => {
  const { run, synced } = activities(() => Promise.resolve({ externalId: 'crm-7' }));
  await expect(run(leadId)).resolves.toEqual({ externalId: 'crm-7' });
  expect(synced).toEqual(['crm-7']);
});

test.each([
  [408, 'busy'],
  [425, 'busy'],
  [429, 'busy'],
  [500, 'busy'],
  [503, 'busy'],
  [401, 'auth'],
  [403, 'auth'],
  [400, 'rejected'],
  [404, 'rejected'],
  [409, 'rejected'],
  [422, 'rejected'],
  [301, 'rejected'],
] as const)('HTTP %i is %s', (status, code) => {
  expect(failureOfStatus(status)).toBe(code);
});

describe('a record that somebody deleted in the CRM', () => {
  const written = jest.fn<ReturnType<CrmPort['upsertLead']>, Parameters<CrmPort['upsertLead']>>(() =>
    Promise.resolve({ externalId: 'new' }),
  );
  beforeEach(() => written.mockClear());
  const deleted = (found: Partial<CrmLeadFound>) =>
    activities(written, { knownId: 'old', ...found }).run(leadId);

  test('is not made again before somebody says so', async () => {
    await expect(deleted({ deleted: 'unasked' })).rejects.toMatchObject({
      type: 'crm.deleted',
      nonRetryable: true,
    });
    expect(written).not.toHaveBeenCalled();
  });

  test('is remembered when a write meets it', async () => {
    const { run, lost } = activities(() => Promise.reject(new ConnectorError('deleted', 'gone')));
    await expect(run(leadId)).rejects.toMatchObject({ type: 'crm.deleted' });
    expect(lost).toEqual([leadId]);
  });

  test('is made anew then, not under its old id', async () => {
    expect(await deleted({ deleted: 'remake' })).toEqual({ externalId: 'new' });
    expect(written.mock.calls[0]?.[3]).toBeUndefined();
  });

  test.each(['unasked', 'remake'] as const)('%s: is left alone once the lead is over', async (state) => {
    expect(await deleted({ deleted: state, closed: true })).toEqual({});
    expect(written).not.toHaveBeenCalled();
  });
});
