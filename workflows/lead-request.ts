import type * as contract from './contract';
import { now } from './steps';

/** What a person asks of a lead; each gets exactly one answer. */
export type LeadRequest =
  | ({ readonly ask: 'touch' } & contract.TouchRequest)
  | ({ readonly ask: 'claim' } & contract.ClaimRequest)
  | ({ readonly ask: 'decline' } & contract.DeclineRequest)
  | ({ readonly ask: 'reassign' } & contract.ReassignRequest)
  | ({ readonly ask: 'snooze' } & contract.SnoozeRequest)
  | ({ readonly ask: 'acknowledge' } & contract.AcknowledgeRequest)
  | ({ readonly ask: 'hold' } & contract.HoldRequest)
  | ({ readonly ask: 'resume' } & contract.ResumeRequest)
  | { readonly ask: 'reply' }
  /** `at` is when the verdict was given, where we hear of it later. */
  | ({ readonly ask: 'dispose'; readonly at?: string } & contract.DispositionRequest)
  | { readonly ask: 'setScore'; readonly set: contract.ScoreRequest }
  | ({ readonly ask: 'clearScore' } & contract.ScoreClearRequest)
  | ({ readonly ask: 'join' } & contract.JoinRequest)
  | { readonly ask: 'confirm' };

/** In our words: a status there is a touch or a disposition here, an owner a reassignment. */
export function requestOf(
  { field, value, at, by }: contract.CrmChange,
  dated: boolean,
): LeadRequest | undefined {
  const who = by === undefined ? {} : { by };
  if (field === 'owner') return { ask: 'reassign', to: value, ...who };
  const when = dated ? { at: at < now() ? at : now() } : {};
  if (value === 'qualified' || value === 'disqualified' || value === 'converted')
    return { ask: 'dispose', outcome: value, ...when, ...who };
  if (value !== 'touched' && value !== 'working') return undefined;
  return { ask: 'touch', kind: 'crm_status', ...when, ...who };
}

/** Whether a change can mean anything to a run; what cannot does not wake it. */
export const isNews = (change: contract.CrmChange): boolean =>
  change.field === 'record' || requestOf(change, false) !== undefined;
