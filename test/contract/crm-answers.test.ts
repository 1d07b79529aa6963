import type { CrmPort } from '../../activities/ports-vendors';
import { createTrytonCrm } from '../../connectors/crm/tryton';
import cases from '../fixtures/crm-responses.json';
import { startVendor, type Vendor } from './crm-vendors';
import { clock, crmLead, failureOf, patient } from './examples';
import { startRecorder } from './recorder';

/** What each verdict of the recorded answers is in our failure table. */
const codes: Readonly<Record<string, readonly string[]>> = {
  'retry-after': ['busy'],
  'retry-backoff': ['busy'],
  'unknown-outcome': ['busy'],
  'stop-until': ['quota'],
  'fail-permanent': ['rejected', 'setup'],
  'fail-config': ['auth', 'setup'],
};
/** Calls that no adapter makes. */
const notMade = ['salesforce-collections-partial', 'tryton-rpc-200-error'];
const lead = crmLead('answers', { owner: null, sla: null });
const key = `${lead.id}:crm:1`;

type Case = (typeof cases)[number];
const replyOf = ({ response }: Case) => ({
  status: response.status,
  headers: Object.fromEntries(
    Object.entries(response.headers).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ),
  text:
    'text' in response ? (response.text ?? '') : JSON.stringify('body' in response ? response.body : null),
});

/** An adapter to which the recorded answer is given, as the answer to what was asked. */
async function given(one: Case): Promise<{ readonly port: CrmPort; readonly close: () => Promise<void> }> {
  if (one.vendor === 'tryton') {
    const recorder = await startRecorder(() => replyOf(one));
    const port = createTrytonCrm({ url: recorder.url, key: 'key', company: 1, clock });
    return { port, close: recorder.close };
  }
  const crm = await startVendor(one.vendor as Vendor);
  const port = crm.another({ oauth: true });
  // A record that was there before, for the answers that name one.
  const person = { ...lead.person, email: 'ada@example.com' };
  await port.upsertLead(crmLead('before', { person, owner: null, sla: null }), 'before', patient());
  if (one.request.path.includes('/token')) {
    crm.fake.expire();
    crm.fake.answerNext(replyOf(one), /token/);
  } else if (one.id === 'pipedrive-lead-created')
    crm.fake.answerNext(replyOf(one), /^POST \/api\/v1\/leads$/);
  else crm.fake.answerNext(replyOf(one));
  return { port, close: crm.close };
}

describe('recorded answers of the CRMs', () => {
  const made = cases.filter(({ id }) => !notMade.includes(id));
  it.each(made)('$id: $classify', async (one) => {
    const { port, close } = await given(one);
    const call = port.upsertLead(lead, key, patient());
    if (['ok', 'partial', 'refresh-then-retry-once', 'conflict-use-existing'].includes(one.classify)) {
      const { externalId } = await call;
      expect(externalId).not.toBe('');
      if ('existingId' in one && one.existingId) expect(externalId).toBe(one.existingId);
    } else {
      const failure = await failureOf(call);
      expect(codes[one.classify]).toContain(failure.code);
      if ('waitMs' in one) expect(failure.retryAfterMs).toBe(one.waitMs);
    }
    await close();
  });

  it('makes no opportunity of Tryton again that is gone, and takes the first of those that carry our reference', async () => {
    const found = '[{"id":7,"state":"won"}]';
    let answer = '[]';
    const recorder = await startRecorder(() => ({ status: 200, text: answer }));
    const port = createTrytonCrm({ url: recorder.url, key: 'key', company: 1, clock });
    expect(await failureOf(port.upsertLead(lead, key, patient(), '5'))).toMatchObject({ code: 'deleted' });
    answer = found;
    expect(await port.upsertLead(lead, key, patient())).toEqual({ externalId: '7' });
    await recorder.close();
    const asked = recorder.requests.map(({ method, url }) => {
      const query = new URL(url, recorder.url).searchParams;
      const decoded = (name: string): unknown =>
        JSON.parse(Buffer.from(query.get(name) ?? '', 'base64').toString());
      return [method, decoded('d'), decoded('o'), query.get('s')];
    });
    const first = [[['id', 'ASC']], '1'];
    expect(asked).toEqual([
      ['GET', [['id', '=', 5]], ...first],
      ['GET', [['reference', '=', lead.id]], ...first],
    ]);
  });

  it('parks every lead under one cause when a token is revoked', async () => {
    const crm = await startVendor('hubspot');
    crm.fake.expire();
    const port = crm.port;
    const failures = await Promise.all(
      ['a', 'b', 'c'].map((event) => failureOf(port.upsertLead(crmLead(event), 'k', patient()))),
    );
    expect(new Set(failures.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
    await crm.close();
  });
});
