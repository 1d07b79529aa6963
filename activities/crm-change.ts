import { log } from '@temporalio/activity';
import { contestMs, judgeChange, type Authority, type FieldChange, type Verdict } from '../domain/crm/change';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { openTexts } from '../domain/sealed';
import type { CrmSyncStore } from './ports-crm-sync';

/** A field that was changed in the CRM, as the run was told. */
export interface ChangeSeen {
  readonly leadId: string;
  readonly field: FieldChange['field'];
  readonly value: string;
  /** When it was changed over there. */
  readonly at: string;
  readonly version?: string;
  readonly by?: string;
  /** The run's own time. */
  readonly now: string;
}

/** A change that the lead was to follow, and why it cannot. */
export type ChangeRefused = Pick<ChangeSeen, 'leadId' | 'field' | 'value' | 'now'> & {
  readonly reason: string;
};

export type CrmChangeActivities = ReturnType<typeof createCrmChangeActivities>;

export function createCrmChangeActivities({
  crmSync,
  authority,
  payloadKey,
}: {
  readonly crmSync: Pick<CrmSyncStore, 'takeChange' | 'refuseChange'>;
  readonly authority: Authority;
  /** Opens who changed it, which a run carries sealed. */
  readonly payloadKey: Buffer;
}) {
  return {
    /** Says what a change in the CRM means for the lead, and remembers it. Repeating it gives the same answer. */
    judgeCrmChange: async ({ leadId, now, at, ...change }: ChangeSeen): Promise<Verdict> => {
      const seen = { ...openTexts(payloadKey, change), at: at as IsoInstant, leadId: leadId as LeadId };
      const judge = (state: Parameters<typeof judgeChange>[1]): Verdict =>
        judgeChange(seen, state, authority, now as IsoInstant);
      const verdict = (await crmSync.takeChange(seen, now as IsoInstant, judge)) ?? 'stale';
      log.debug('change in the CRM judged', { leadId, field: change.field, verdict });
      return verdict;
    },

    /**
     * Says on the timeline why the lead does not follow. @returns whether the CRM gets our value back: one that is there
     * again at once is set by a rule over there, and writing against it would never end.
     */
    refuseCrmChange: ({ leadId, now, ...refused }: ChangeRefused): Promise<boolean> => {
      const at = now as IsoInstant;
      const recent = toInstant(epochMs(at) - contestMs);
      return crmSync.refuseChange({ ...refused, leadId: leadId as LeadId }, at, recent);
    },
  };
}
