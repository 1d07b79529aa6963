import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import * as contract from './contract';

/** What a person asks of a lead; each gets exactly one answer. */
export type LeadRequest =
  | ({ readonly ask: 'touch' } & contract.TouchRequest)
  | ({ readonly ask: 'claim' } & contract.ClaimRequest)
  | ({ readonly ask: 'decline' } & contract.DeclineRequest)
  | ({ readonly ask: 'reassign' } & contract.ReassignRequest)
  | ({ readonly ask: 'snooze' } & contract.SnoozeRequest)
  | ({ readonly ask: 'dispose' } & contract.DispositionRequest)
  | ({ readonly ask: 'join' } & contract.JoinRequest);

export type DeskEvent =
  | { readonly kind: 'due' }
  | { readonly kind: 'capacity' }
  | { readonly kind: 'repeat'; readonly leadIds: readonly string[]; readonly touchDueAt?: string }
  | { readonly kind: 'request'; readonly request: LeadRequest; readonly answer: Answer };

interface Answer {
  readonly accept: (state: contract.LeadStateReply) => void;
  readonly refuse: (reason: string) => void;
}

type Waiting = Extract<DeskEvent, { kind: 'request' }>;

/**
 * Where everything that reaches a run comes in. Handlers only write down what came, whatever the state; the process
 * takes one thing at a time from here and judges it. So nothing is lost when it is early, and nothing interleaves.
 */
export interface Desk {
  /** The next thing to deal with: a message, or `due` when the instant passes first. */
  next(due: { readonly at: number; readonly summary: string } | undefined): Promise<DeskEvent>;
  /** Resolves when somebody says that the cause of a step's error is fixed. */
  retryOf(step: string): Promise<void>;
  /** From now on every request is refused, those already here included. Resolves when each has its answer. */
  close(reason: string): void;
}

export function openDesk(): Desk {
  const requests: Waiting[] = [];
  const repeats = new Map<string, contract.RepeatReceived>();
  const retries = new Map<string, number>();
  let capacity = false;
  let closed: string | undefined;

  const ask = (request: LeadRequest): Promise<contract.LeadStateReply> =>
    new Promise((resolve, reject) => {
      const refuse = (reason: string): void => {
        reject(ApplicationFailure.nonRetryable(reason, contract.conflictType));
      };
      if (closed === undefined)
        requests.push({ kind: 'request', request, answer: { accept: resolve, refuse } });
      else refuse(closed);
    });
  listen(ask);
  setHandler(contract.retryRequested, ({ step }) => void retries.set(step, (retries.get(step) ?? 0) + 1));
  setHandler(contract.repeatReceived, (repeat) => void repeats.set(repeat.leadId, repeat));
  setHandler(contract.capacityFreed, () => {
    capacity = true;
  });
  setHandler(contract.crmChanged, (change) => {
    const request = requestOf(change);
    // A fact from the CRM needs no answer: what the state does not allow is simply not done.
    if (request) ask(request).catch(() => undefined);
  });

  const take = (): DeskEvent | undefined => {
    const request = requests.shift();
    if (request) return request;
    if (repeats.size > 0) {
      const leadIds = [...repeats.keys()];
      const [touchDueAt] = [...repeats.values()].flatMap((repeat) => repeat.touchDueAt ?? []).sort();
      repeats.clear();
      return { kind: 'repeat', leadIds, ...(touchDueAt === undefined ? {} : { touchDueAt }) };
    }
    if (!capacity) return undefined;
    capacity = false;
    return { kind: 'capacity' };
  };
  const anything = (): boolean => requests.length > 0 || repeats.size > 0 || capacity;

  return {
    next: async (due) => {
      if (!anything()) {
        if (due === undefined) await condition(anything);
        else if (due.at > Date.now())
          await condition(anything, due.at - Date.now(), { summary: due.summary });
      }
      return take() ?? { kind: 'due' };
    },
    retryOf: async (step) => {
      const seen = retries.get(step) ?? 0;
      await condition(() => (retries.get(step) ?? 0) > seen);
    },
    close: (reason) => {
      closed = reason;
      for (const { answer } of requests.splice(0)) answer.refuse(reason);
    },
  };
}

function listen(ask: (request: LeadRequest) => Promise<contract.LeadStateReply>): void {
  const { updates } = contract;
  setHandler(updates.recordTouch, (args) => ask({ ask: 'touch', ...args }));
  setHandler(updates.claim, (args) => ask({ ask: 'claim', ...args }));
  setHandler(updates.decline, (args) => ask({ ask: 'decline', ...args }));
  setHandler(updates.reassign, (args) => ask({ ask: 'reassign', ...args }));
  setHandler(updates.snooze, (args) => ask({ ask: 'snooze', ...args }));
  setHandler(updates.dispose, (args) => ask({ ask: 'dispose', ...args }));
  setHandler(updates.join, (args) => ask({ ask: 'join', ...args }));
}

/** A CRM's change in our words: a status there is a touch or a disposition here, an owner a reassignment. */
function requestOf({ field, value, by }: contract.CrmChange): LeadRequest | undefined {
  const who = by === undefined ? {} : { by };
  if (field === 'owner') return { ask: 'reassign', to: value, ...who };
  if (value === 'qualified' || value === 'disqualified' || value === 'converted')
    return { ask: 'dispose', outcome: value, ...who };
  return value === 'touched' || value === 'working'
    ? { ask: 'touch', kind: 'crm_status', ...who }
    : undefined;
}
