import { patched } from '@temporalio/workflow';
import type { SharedField } from '../domain/crm/change';
import { answerRequest } from './answer-request';
import type { CrmChange } from './contract';
import { requestOf } from './lead-request';
import { patches } from './patches';
import type { Run } from './run';
import type { Owned, Parked, Standing } from './standing';
import { local, now } from './steps';

/** Follows what a person changed in the CRM, or gives the CRM our value back, as the judgement says. */
export async function takeCrmChange(
  run: Run,
  standing: Parked | Owned,
  change: CrmChange,
): Promise<Standing> {
  const { field, value, at } = change;
  if (field === 'record') {
    run.writeCrm(`record-${value}-${at}`);
    return standing;
  }
  const judged = patched(patches.judgedCrmChanges);
  const request = requestOf(change, judged);
  if (request === undefined) return standing;
  if (judged) {
    const seen = { ...change, field, value: value === 'working' ? 'touched' : value };
    const verdict = await local.judgeCrmChange({ leadId: run.leadId, ...seen, now: now() });
    if (verdict === 'overrule') run.writeCrm(`${field}-overruled-${at}`);
    if (verdict !== 'apply') return standing;
  }
  let refusal: string | undefined;
  const refuse = (reason: string): void => {
    refusal = reason;
  };
  const next = await answerRequest(run, standing, { kind: 'request', request, answer: { accept, refuse } });
  if (refusal !== undefined && patched(patches.refusedCrmChanges))
    await takeBack(run, { field, value, at }, refusal);
  return next;
}

/** What the lead cannot follow must not stay over there as if it did. */
async function takeBack(
  run: Run,
  { field, value, at }: Pick<CrmChange, 'value' | 'at'> & { readonly field: SharedField },
  reason: string,
): Promise<void> {
  const refused = { leadId: run.leadId, field, value, reason, now: now() };
  if (await local.refuseCrmChange(refused)) run.writeCrm(`${field}-refused-${at}`);
}

/** A fact from the CRM needs no answer. */
const accept = (): void => undefined;
