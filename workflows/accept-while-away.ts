import { patched } from '@temporalio/workflow';
import type { LeadTakenIn } from './contract';
import { patches } from './patches';
import { startLead } from './start-lead';
import { held, local } from './steps';

/**
 * Holds a lead that was accepted while Postgres was away, sealed, until it is in the inbox; then starts its run. Its
 * own history is deleted afterwards, as it is the only one that carries personal data, if sealed.
 */
export async function acceptWhileAway({ leadId, sealed }: LeadTakenIn): Promise<void> {
  if (patched(patches.quietHolder)) await held.writeBack({ sealed });
  else await local.writeBack({ sealed });
  await startLead(leadId);
}
