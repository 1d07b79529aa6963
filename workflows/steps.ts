import {
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
  type LocalActivityOptions,
} from '@temporalio/workflow';
import type { CrmActivities } from '../activities/crm';
import type { CrmChangeActivities } from '../activities/crm-change';
import type { EnrichActivities } from '../activities/enrich';
import type { GateActivities } from '../activities/gate';
import type { LeadActivities } from '../activities/lead';
import type { NotifyActivities } from '../activities/notify';
import type { WriteBackActivities } from '../activities/write-back';
import type { Band } from '../domain/policy';
import { importPriority, taskQueues } from './contract';

const patient = { initialInterval: '200ms', maximumInterval: '1 minute', backoffCoefficient: 2 } as const;

/** Short steps on our own Postgres: they run inside the workflow task and cost the engine one event each. */
const short: LocalActivityOptions = {
  startToCloseTimeout: '20 seconds',
  // A longer wait than this is a timer in the history instead of a task kept open: while Postgres is away, waiting runs
  // must not hold every place of the worker, nor come near the ten seconds after which the server takes a task away.
  localRetryThreshold: '1 second',
  retry: { ...patient, maximumInterval: '10 seconds' },
};
const step = (summary: string) =>
  proxyLocalActivities<LeadActivities & CrmChangeActivities & WriteBackActivities>({ ...short, summary });

export const local = {
  identifyLead: step('identify the person and the company').identifyLead,
  giveUpCaptcha: step('go on without the captcha’s provider').giveUpCaptcha,
  confirmAddress: step('record that the address is confirmed').confirmAddress,
  assignOwner: step('score, route and assign').assignOwner,
  rescore: step('work the score out anew').rescore,
  replacePartner: step('put somebody else beside the owner').replacePartner,
  acceptOffer: step('take the offered lead').acceptOffer,
  recordTouch: step('record the touch').recordTouch,
  recordStep: step('record the SLA step').recordStep,
  recordBreach: step('record the missed SLA').recordBreach,
  snooze: step('move the deadlines').snooze,
  acknowledge: step('hold the ladder back').acknowledge,
  hold: step('stop the clocks').hold,
  resume: step('let the clocks go on').resume,
  reply: step('record the customer’s reply').reply,
  rebase: step('work the deadlines out anew').rebase,
  inheritDeadline: step('keep the earlier deadline').inheritDeadline,
  dispose: step('record the disposition').dispose,
  joinLead: step('join the older open lead').joinLead,
  judgeCrmChange: step('judge the change in the CRM').judgeCrmChange,
  refuseCrmChange: step('say why the change in the CRM is not followed').refuseCrmChange,
  openError: step('write the error database').openError,
  resolveError: step('resolve the error').resolveError,
  notifyRep: proxyLocalActivities<NotifyActivities>({ ...short, summary: 'notify' }).notifyRep,
  writeBack: step('write the lead back to Postgres').writeBack,
};

/**
 * A regular step, as its tries cost no events however long Postgres is away: a history that is full is ended by the
 * server, and this one is the only place that has the lead.
 */
export const held = proxyActivities<WriteBackActivities>({
  startToCloseTimeout: '20 seconds',
  retry: { ...patient, maximumInterval: '10 seconds' },
  summary: 'write the lead back to Postgres',
});

const outside = { startToCloseTimeout: '20 seconds', retry: patient } as const;

/** Place in the queue while the CRM's limits make writes wait; lower goes first, 3 is what everything else has. */
const turn: Readonly<Record<Band, number>> = { hot: 1, warm: 3, cold: 5 };

/**
 * Work that must happen: no limit on attempts; an alert says that it is stuck. An imported lead keeps the place of its
 * run, behind all others, however hot it is.
 */
export const crmOf = (band?: Band) => {
  const imported = workflowInfo().priority?.priorityKey === importPriority;
  return proxyActivities<CrmActivities>({
    ...outside,
    taskQueue: taskQueues.crm,
    summary: 'write to the CRM',
    ...(band === undefined || imported ? {} : { priority: { priorityKey: turn[band] } }),
  });
};

/** Worth an hour of tries: after that the answer is no help any more. */
export const enrich = proxyActivities<EnrichActivities>({
  ...outside,
  taskQueue: taskQueues.enrich,
  scheduleToCloseTimeout: '1 hour',
  summary: 'ask the data provider',
});

/** Worth an hour of tries: after that the message is no news any more. */
export const notify = proxyActivities<NotifyActivities>({
  ...outside,
  taskQueue: taskQueues.notify,
  scheduleToCloseTimeout: '1 hour',
  summary: 'notify',
});

/** A token is good for two minutes; who filled in the form has left long before. */
export const captcha = proxyActivities<Pick<GateActivities, 'checkCaptcha'>>({
  taskQueue: taskQueues.captcha,
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds' },
  summary: 'judge the captcha token',
});

/** Tried until it is out, or the person's time is over. */
export const confirmation = proxyActivities<Pick<GateActivities, 'askToConfirm'>>({
  ...outside,
  taskQueue: taskQueues.notify,
  summary: 'ask the person to confirm the address',
});

/** The run's own time: what the server says, skipped time included. */
export const now = (): string => new Date().toISOString();
