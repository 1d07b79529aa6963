import type { Run } from './run';
import { redated, type Owned } from './standing';
import { local, now } from './steps';

/** The lead is his from now on, and so is the time to touch it; a lead that was his already stays as it is. */
export async function acceptOffer(run: Run, standing: Owned): Promise<Owned> {
  const { offer, ...taken } = standing;
  if (offer === undefined) return standing;
  const { leadId } = run;
  const due = await run.must('route', () => local.acceptOffer({ leadId, hop: standing.hop, at: now() }));
  run.writeCrm(`${String(standing.hop)}-accepted`);
  return redated(taken, due);
}
