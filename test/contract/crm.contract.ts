import type { CrmPort } from '../../activities/ports';
import { crmLead, patient } from './examples';

/** One adapter together with a way to look at what its CRM holds. */
export interface CrmHarness {
  readonly port: CrmPort;
  /** The record of a lead, as the CRM has it. */
  readonly record: (leadId: string) => unknown;
  readonly creates: (leadId: string) => number;
  readonly close: () => Promise<void>;
}

/** What every CRM adapter must keep, whatever stands behind it. */
export function crmContract(name: string, start: () => Promise<CrmHarness>): void {
  describe(`CRM contract: ${name}`, () => {
    let crm: CrmHarness;
    beforeEach(async () => {
      crm = await start();
    });
    afterEach(() => crm.close());

    const lead = crmLead('one');
    const key = `${lead.id}:crm:1`;

    it('writes the whole record and says under which id', async () => {
      const { externalId } = await crm.port.upsertLead(lead, key, patient());
      expect(externalId).not.toBe('');
      expect(crm.record(lead.id)).toEqual(lead);
    });

    // An activity that crashed after its effect runs again with the same key.
    it('answers a repeat with the same id and creates nothing', async () => {
      const first = await crm.port.upsertLead(lead, key, patient());
      const second = await crm.port.upsertLead(lead, key, patient());
      expect(second).toEqual(first);
      expect(crm.creates(lead.id)).toBe(1);
    });

    it('replaces the record of a known lead and keeps its id', async () => {
      const first = await crm.port.upsertLead(lead, key, patient());
      const changed = crmLead('one', { status: 'qualified', owner: null, sla: null });
      const second = await crm.port.upsertLead(changed, `${lead.id}:crm:2`, patient());
      expect(second).toEqual(first);
      expect(crm.record(lead.id)).toEqual(changed);
      expect(crm.creates(lead.id)).toBe(1);
    });

    it('makes one record of parallel writes to one lead', async () => {
      const writes = Array.from({ length: 20 }, (_, i) =>
        crm.port.upsertLead(lead, `${lead.id}:crm:${i}`, patient()),
      );
      const ids = new Set((await Promise.all(writes)).map(({ externalId }) => externalId));
      expect(ids.size).toBe(1);
      expect(crm.creates(lead.id)).toBe(1);
    });

    it('keeps leads apart', async () => {
      const other = crmLead('two', { account: null, band: null, score: null });
      const ids = await Promise.all([
        crm.port.upsertLead(lead, key, patient()),
        crm.port.upsertLead(other, `${other.id}:crm:1`, patient()),
      ]);
      expect(ids[0]?.externalId).not.toBe(ids[1]?.externalId);
      expect(crm.record(other.id)).toEqual(other);
    });

    it('writes nothing for a caller who has given up, and throws the caller’s reason', async () => {
      const reason = new Error('cancelled');
      await expect(crm.port.upsertLead(lead, key, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(crm.creates(lead.id)).toBe(0);
    });
  });
}
