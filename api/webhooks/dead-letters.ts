import type { ErrorView } from '../../activities/ports';
import type { LeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import { parseJson } from '../body';
import type { ApiDeps } from '../deps';
import type { SourceConfig } from '../ports';
import { fetchStep, mapStep } from '../../domain/lead';
import { shownAtDoor } from './door';
import { mapEvent, reasonOf } from './receive';

type Deps = Pick<ApiDeps, 'events' | 'sources' | 'intake' | 'runs' | 'clock'>;

/**
 * Resumes what stopped, at whatever step: runs are asked to try again, events that could not be mapped are mapped anew,
 * leads that could not be fetched are fetched. @returns how many runs were asked and events became leads.
 */
export async function retryErrors(
  deps: Deps,
  errors: readonly Pick<ErrorView, 'leadId' | 'step'>[],
): Promise<number> {
  const unmapped = errors.filter(({ step }) => step === mapStep);
  const unfetched = errors.filter(({ step }) => step === fetchStep);
  const stopped = errors.filter(({ step }) => step !== mapStep && step !== fetchStep);
  const sources = unmapped.length > 0 ? await deps.sources.all() : [];
  let replayed = 0;
  for (const { leadId } of unmapped) if (await replay(deps, sources, leadId)) replayed += 1;
  for (const { leadId } of unfetched) {
    if (!(await deps.events.refetch(leadId))) continue;
    await deps.runs.fetchLead(leadId, true);
    replayed += 1;
  }
  return replayed + (stopped.length > 0 ? await deps.runs.retry(stopped) : 0);
}

/** Maps a dead-lettered event by its source as it is now. @returns whether it is a lead now. */
async function replay(
  { events, intake, clock }: Deps,
  sources: readonly SourceConfig[],
  leadId: LeadId,
): Promise<boolean> {
  const letter = await events.deadLetter(leadId);
  const source = sources.find(({ name }) => name === letter?.source);
  if (!letter || !source) return false;
  const data = parseJson(letter.rawBody);
  const { fields, isSpam, issues } = mapEvent(source, { data });
  if (!fields) {
    await events.keep([{ ...letter, reason: reasonOf(issues) }]);
    return false;
  }
  const door = shownAtDoor(source.gate, data, isSpam);
  const { state: _state, type: _type, reason: _reason, ...identity } = letter;
  // In this order: a fault in between leaves the letter, and a lead that is there already is not doubled.
  await intake.accept({ ...identity, fields, ...(door ? { door } : {}) });
  await events.replayed(leadId, toInstant(clock.now()));
  return true;
}
