import { findOwner } from './find-owner';
import type { Run } from './run';
import { nextDue, type Owned, type Standing } from './standing';
import { local, now } from './steps';

/** Does what the clock says for an owned lead, and marks it done so that it happens once. */
export async function runDue(run: Run, standing: Owned): Promise<Standing> {
  const { due } = nextDue(standing);
  switch (due.kind) {
    case 'breach':
      await local.recordBreach({ leadId: run.leadId, hop: standing.hop, at: now() });
      return { ...standing, breached: true };
    case 'idle':
      await local.dispose({
        leadId: run.leadId,
        at: now(),
        outcome: 'closed',
        reason: standing.touchedAt === undefined ? 'never touched' : 'no disposition',
      });
      return {
        kind: 'closed',
        outcome: 'closed',
        owner: standing.owner,
        ...(standing.speedToLeadMs === undefined ? {} : { speedToLeadMs: standing.speedToLeadMs }),
      };
    case 'step':
      return runStep(run, standing, due.step);
  }
}

async function runStep(run: Run, standing: Owned, step: Owned['steps'][number]): Promise<Standing> {
  const rest = { ...standing, steps: standing.steps.filter(({ number }) => number !== step.number) };
  const what = `${String(standing.hop)}-step-${String(step.number)}`;
  const done = (result: string): Promise<void> =>
    local.recordStep({
      leadId: run.leadId,
      hop: standing.hop,
      step: step.number,
      at: now(),
      do: step.do,
      result,
      ...(step.to === undefined ? {} : { to: step.to }),
    });
  switch (step.do) {
    case 'remind':
      run.tell('reminder', standing.owner, what);
      await done('owner reminded');
      return rest;
    case 'escalate':
      run.tell('escalation', step.to ?? 'manager', what);
      await done(`told ${step.to ?? 'manager'}`);
      return rest;
    case 'reassign': {
      if (standing.hop + 1 >= standing.maxHops) {
        await done(`kept: ${String(standing.maxHops)} owners is the limit`);
        return rest;
      }
      const next = await findOwner(
        run,
        {
          hop: standing.hop + 1,
          cause: 'sla_reassign',
          exclude: [...standing.exclude, standing.owner],
          afterStep: step.number,
        },
        standing,
      );
      await done(next.kind === 'owned' ? `moved to ${next.owner}` : `kept: ${next.reason}`);
      return next.kind === 'owned' ? next : rest;
    }
  }
}
