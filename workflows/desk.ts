import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, condition, currentUpdateInfo, patched, setHandler } from '@temporalio/workflow';
import * as contract from './contract';
import { isNews, type LeadRequest } from './lead-request';
import { patches } from './patches';

export type DeskEvent =
  | { readonly kind: 'due' }
  | { readonly kind: 'capacity' }
  | { readonly kind: 'time' }
  | { readonly kind: 'renew' }
  | {
      readonly kind: 'repeat';
      readonly leadIds: readonly string[];
      /** The earliest touch deadline that one of them had. */
      readonly deadline?: { readonly from: string; readonly touchDueAt: string };
    }

  /** The lead's record in the CRM was changed there. */
  | { readonly kind: 'crm'; readonly change: contract.CrmChange }
  | { readonly kind: 'facts' }
  /** The cause of an error about the choice of an owner is fixed, and the run did not stand still for it. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'request'; readonly request: LeadRequest; readonly answer: Answer };

interface Answer {
  readonly accept: (state: contract.LeadStateReply) => void;
  readonly refuse: (reason: string) => void;
}

type Waiting = Extract<DeskEvent, { kind: 'request' | 'crm' }>;

/**
 * Where everything that reaches a run comes in. Handlers only write down what came, whatever the state; the process
 * takes one thing at a time from here and judges it. So nothing is lost when it is early, and nothing interleaves.
 */
export interface Desk {
  /** The next thing to deal with: a message, `renew` when that may be done, or `due` when the instant passes first. */
  next(
    due: { readonly at: number; readonly summary: string } | undefined,
    mayRenew: () => boolean,
  ): Promise<DeskEvent>;
  /** What scoring looks at has changed. */
  factsChanged(): void;
  /** Resolves when somebody says that the cause of a step's error is fixed. */
  retryOf(step: string): Promise<void>;
  /** From now on every request is refused, those already here included. Resolves when each has its answer. */
  close(reason: string): void;
  /** What a new run must know of the messages to this one. */
  dealtWith(): DealtWith;
}

export interface DealtWith {
  /** The latest requests that were accepted. */
  readonly answered: Answered;
  /** The latest other leads of the person, by id; absent in what runs carried before it was kept. */
  readonly heard?: readonly string[];
}

/** Update ids with their answers: the server knows a repeat only within one run. */
export type Answered = readonly (readonly [string, contract.LeadStateReply])[];

/** A repeat comes within seconds of what it repeats. */
const answersKept = 100;
/** The run of a merged lead may be made again at any time, and tell once more. */
const repeatsKept = 1_000;

/** @param isFull whether the run has had as many requests as it may have, and is free to hand over to a new one */
export function openDesk(before: DealtWith, isFull: () => boolean): Desk {
  const requests: Waiting[] = [];
  const answered = new Map(before.answered);
  let closed: string | undefined;

  const ask = (request: LeadRequest): Promise<contract.LeadStateReply> => {
    const id = currentUpdateInfo()?.id;
    const known = id === undefined ? undefined : answered.get(id);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => {
        reject(ApplicationFailure.nonRetryable(reason, contract.conflictType));
      };
      const accept = (state: contract.LeadStateReply): void => {
        if (id !== undefined) answered.set(id, state);
        resolve(state);
      };
      if (closed === undefined) requests.push({ kind: 'request', request, answer: { accept, refuse } });
      else refuse(closed);
    });
  };
  // Refused before it is in the history, which has no room for it; whoever asks tries the next run.
  listen(ask, () => {
    if (isFull())
      throw ApplicationFailure.nonRetryable('the run hands over to a new one', contract.handoverType);
  });
  setHandler(contract.crmChanged, (change) => {
    if (closed === undefined && isNews(change)) requests.push({ kind: 'crm', change });
  });
  const heard = new Set(before.heard);
  const news = listenForNews(heard);
  const anything = (): boolean => requests.length > 0 || news.any();

  return {
    next: async (due, mayRenew) => {
      const awake = (): boolean => anything() || mayRenew();
      if (!awake()) {
        if (due === undefined) await condition(awake);
        else if (due.at > Date.now()) await condition(awake, due.at - Date.now(), { summary: due.summary });
      }
      return requests.shift() ?? news.take() ?? { kind: mayRenew() ? 'renew' : 'due' };
    },
    factsChanged: news.factsChanged,
    retryOf: news.retryOf,
    close: (reason) => {
      closed = reason;
      for (const event of requests.splice(0)) if (event.kind === 'request') event.answer.refuse(reason);
    },
    dealtWith: () => ({
      answered: [...answered].slice(-answersKept),
      ...(heard.size === 0 ? {} : { heard: [...heard].slice(-repeatsKept) }),
    }),
  };
}

/** Facts that need no answer; what is told twice before the process looks is one fact. @param heard repeats so far */
function listenForNews(heard: Set<string>): Pick<Desk, 'retryOf' | 'factsChanged'> & {
  readonly any: () => boolean;
  readonly take: () => DeskEvent | undefined;
} {
  const repeats = new Map<string, contract.RepeatReceived>();
  const retries = new Map<string, number>();
  const waiting = new Set<string>();
  const flags = { facts: false, time: false, retry: false, capacity: false };

  setHandler(contract.retryRequested, ({ step }) => {
    retries.set(step, (retries.get(step) ?? 0) + 1);
    // Nothing waits for the clock: its deadlines stay as they are until they can be worked out anew.
    if (step === 'clock') flags.time = true;
    if (step === 'route' && !waiting.has(step) && patched(patches.undecided)) flags.retry = true;
  });
  setHandler(contract.repeatReceived, (repeat) => {
    if (heard.has(repeat.leadId) && patched(patches.heardRepeats)) return;
    heard.add(repeat.leadId);
    repeats.set(repeat.leadId, repeat);
  });
  setHandler(contract.capacityFreed, () => {
    flags.capacity = true;
  });
  setHandler(contract.timeChanged, () => {
    flags.time = true;
  });

  return {
    any: () => repeats.size > 0 || Object.values(flags).includes(true),
    factsChanged: () => {
      flags.facts = true;
    },
    take: () => {
      if (repeats.size > 0) {
        const leadIds = [...repeats.keys()];
        const [deadline] = [...repeats.values()]
          .flatMap(({ leadId: from, touchDueAt }) => (touchDueAt === undefined ? [] : [{ from, touchDueAt }]))
          .sort((a, b) => (a.touchDueAt < b.touchDueAt ? -1 : 1));
        repeats.clear();
        return { kind: 'repeat', leadIds, ...(deadline === undefined ? {} : { deadline }) };
      }
      const kind = (['facts', 'time', 'retry', 'capacity'] as const).find((name) => flags[name]);
      if (kind === undefined) return undefined;
      flags[kind] = false;
      return { kind };
    },
    retryOf: async (step) => {
      const seen = retries.get(step) ?? 0;
      waiting.add(step);
      await condition(() => (retries.get(step) ?? 0) > seen);
      waiting.delete(step);
    },
  };
}

function listen(
  ask: (request: LeadRequest) => Promise<contract.LeadStateReply>,
  refuseWhenFull: () => void,
): void {
  const { updates } = contract;
  const on = <Args>(
    update: UpdateDefinition<contract.LeadStateReply, [Args]>,
    requestOf: (args: Args) => LeadRequest,
  ): void => {
    setHandler(update, (args: Args) => ask(requestOf(args)), {
      validator: (_args: Args) => {
        refuseWhenFull();
      },
    });
  };
  on(updates.recordTouch, (args) => ({ ask: 'touch', ...args }));
  on(updates.claim, (args) => ({ ask: 'claim', ...args }));
  on(updates.decline, (args) => ({ ask: 'decline', ...args }));
  on(updates.reassign, (args) => ({ ask: 'reassign', ...args }));
  on(updates.snooze, (args) => ({ ask: 'snooze', ...args }));
  on(updates.acknowledge, (args) => ({ ask: 'acknowledge', ...args }));
  on(updates.hold, (args) => ({ ask: 'hold', ...args }));
  on(updates.resume, (args) => ({ ask: 'resume', ...args }));
  on(updates.reply, () => ({ ask: 'reply' }));
  on(updates.dispose, (args) => ({ ask: 'dispose', ...args }));
  on(updates.setScore, (set) => ({ ask: 'setScore', set }));
  on(updates.clearScore, (args) => ({ ask: 'clearScore', ...args }));
  on(updates.join, (args) => ({ ask: 'join', ...args }));
  on(updates.confirm, () => ({ ask: 'confirm' }));
}
