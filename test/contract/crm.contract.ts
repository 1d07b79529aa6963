import type { ConnectorError, FailureCode } from '../../activities/failures';
import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { ben, crmLead, failureOf, patient } from './examples';

/** How an answer that was lost is told. */
const lost: readonly FailureCode[] = ['unreachable', 'unknown_outcome'];

/** One adapter together with a way to look at what its CRM holds. */
export interface CrmHarness {
  readonly port: CrmPort;
  /** What the CRM's record of a lead says. */
  readonly record: (leadId: string) => unknown;
  /** What it must say of this lead; all of it when absent. */
  readonly knows?: (lead: CrmLead) => object;
  readonly creates: (leadId: string) => number | Promise<number>;
  /** The nth request from now takes effect and its answer is lost; for CRMs where a write takes several. */
  readonly crashBehind?: (n: number) => void;
  /** People delete a record. */
  readonly remove?: (externalId: string) => void | Promise<void>;
  /** Its answer is lost, and it takes effect when `takeEffect` is called. */
  readonly commitLate?: (n: number) => void;
  readonly takeEffect?: () => void | Promise<void>;
  readonly close: () => Promise<void>;
}

interface ContractOptions {
  /** The harness can lose connections. */
  readonly crashes?: boolean;
  /** People can delete records there: a write says so, or leaves it alone where the CRM does not tell what became of one. */
  readonly deletes?: 'told' | 'left alone';
  /** It has unique keys; without them the caller keeps the writes of one person apart. */
  readonly keys?: boolean;
}

/** What every CRM adapter must keep, whatever stands behind it. */
export function crmContract(
  name: string,
  start: () => Promise<CrmHarness>,
  { crashes = false, deletes, keys = true }: ContractOptions = {},
): void {
  describe(`CRM contract: ${name}`, () => {
    let crm: CrmHarness;
    // Leads of its own for each test and each run: what stands behind may keep its records.
    let round = Date.now();
    let lead: CrmLead;
    let key: string;
    beforeEach(async () => {
      round += 1;
      lead = crmLead(`one-${round}`);
      key = `${lead.id}:crm:1`;
      crm = await start();
    });
    afterEach(() => crm.close());
    const expectRecord = async (lead: CrmLead): Promise<void> =>
      expect(await crm.record(lead.id)).toEqual(crm.knows ? crm.knows(lead) : lead);

    it('writes the whole record and says under which id', async () => {
      const { externalId } = await crm.port.upsertLead(lead, key, patient());
      expect(externalId).not.toBe('');
      await expectRecord(lead);
    });

    // An activity that crashed after its effect runs again with the same key.
    it('answers a repeat with the same id and creates nothing', async () => {
      const first = await crm.port.upsertLead(lead, key, patient());
      const second = await crm.port.upsertLead(lead, key, patient());
      expect(second).toEqual(first);
      expect(await crm.creates(lead.id)).toBe(1);
    });

    it('replaces the record of a known lead and keeps its id', async () => {
      const first = await crm.port.upsertLead(lead, key, patient());
      const changed = crmLead(`one-${round}`, { status: 'qualified', owner: ben });
      const second = await crm.port.upsertLead(changed, `${lead.id}:crm:2`, patient());
      expect(second).toEqual(first);
      await expectRecord(changed);
      expect(await crm.creates(lead.id)).toBe(1);
    });

    if (keys)
      it('makes one record of parallel writes to one lead', async () => {
        expect(crm.port.settleMs).toBeUndefined();
        const writes = Array.from({ length: 20 }, (_, i) =>
          crm.port.upsertLead(lead, `${lead.id}:crm:${i}`, patient()),
        );
        const ids = new Set((await Promise.all(writes)).map(({ externalId }) => externalId));
        expect(ids.size).toBe(1);
        expect(await crm.creates(lead.id)).toBe(1);
      });
    else
      it('says for how long nobody may write after a write whose end is not known', () =>
        expect(crm.port.settleMs).toBeGreaterThan(0));

    if (crashes)
      it('has one record wherever the connection was lost before the retry', async () => {
        if (!crm.crashBehind) throw new Error('the harness must be able to lose a connection');
        for (let request = 1; request <= 8; request += 1) {
          const person = { ...lead.person, email: `p${request}@example.com` };
          const fresh = crmLead(`crash-${round}-${request}`, { person });
          crm.crashBehind(request);
          const first = crm.port.upsertLead(fresh, `${fresh.id}:crm:1`, patient());
          await first.catch((error: unknown) => expect(lost).toContain((error as ConnectorError).code));
          crm.crashBehind(0);
          await crm.port.upsertLead(fresh, `${fresh.id}:crm:1`, patient());
          await expectRecord(fresh);
          expect(await crm.creates(fresh.id)).toBe(1);
        }
      });

    if (deletes !== undefined)
      it('does not make a record again that people deleted', async () => {
        const { externalId } = await crm.port.upsertLead(lead, key, patient());
        await crm.remove?.(externalId);
        const changed = crmLead(`one-${round}`, { status: 'touched', owner: ben });
        const write = crm.port.upsertLead(changed, `${lead.id}:crm:2`, patient(), externalId);
        if (deletes === 'told') expect(await failureOf(write)).toMatchObject({ code: 'deleted' });
        else expect(await write).toEqual({ externalId });
        expect(await crm.creates(lead.id)).toBe(0);
      });

    if (crashes)
      it('has one record when a write takes effect after its answer was lost', async () => {
        const { commitLate, takeEffect } = crm;
        if (!commitLate || !takeEffect) throw new Error('the harness must be able to hold an effect back');
        for (let request = 1; request <= 8; request += 1) {
          const person = { ...lead.person, email: `l${request}@example.com` };
          const late = crmLead(`late-${round}-${request}`, { person });
          const write = () => crm.port.upsertLead(late, `${late.id}:crm:1`, patient());
          commitLate(request);
          const fault = await write().then(
            () => undefined,
            (error: unknown) => error as ConnectorError,
          );
          commitLate(0);
          if (fault) expect(lost).toContain(fault.code);
          // Where the retry has to wait, the effect comes first; else it may come after it.
          if (fault?.code === 'unknown_outcome') {
            expect(fault.retryAfterMs).toBeGreaterThanOrEqual(30_000);
            await takeEffect();
          }
          await write();
          await takeEffect();
          await expectRecord(late);
          expect(await crm.creates(late.id)).toBe(1);
        }
      });

    it('keeps leads apart', async () => {
      const person = { ...lead.person, id: 'per_2', email: 'ada@example.com' };
      const other = crmLead(`two-${round}`, {
        person,
        account: null,
        owner: null,
        band: null,
        score: null,
        sla: null,
      });
      const ids = await Promise.all([
        crm.port.upsertLead(lead, key, patient()),
        crm.port.upsertLead(other, `${other.id}:crm:1`, patient()),
      ]);
      expect(ids[0]?.externalId).not.toBe(ids[1]?.externalId);
      await expectRecord(other);
    });

    it('writes nothing for a caller who has given up, and throws the caller’s reason', async () => {
      const reason = new Error('cancelled');
      await expect(crm.port.upsertLead(lead, key, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await crm.creates(lead.id)).toBe(0);
    });
  });
}
