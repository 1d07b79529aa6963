import { signWebhook } from '../domain/standard-webhooks';

/** An entry of a lead's timeline. */
export interface Fact {
  readonly at: string;
  readonly what: string;
  readonly [detail: string]: unknown;
}

/** What the demo reads of a lead. */
export interface LeadSeen {
  readonly id: string;
  readonly status: string;
  readonly personId?: string;
  readonly mergedInto?: string;
  readonly owner?: { readonly id: string; readonly name: string };
  readonly score?: number;
  readonly band?: string;
  readonly workflowId: string;
  readonly crm?: { readonly system: string; readonly externalId: string };
  readonly sla?: {
    readonly policy: string;
    readonly touchDueAt: string;
    readonly breached: boolean;
    readonly clocks: readonly { readonly name: string; readonly clock: string }[];
    readonly steps: readonly {
      readonly do: string;
      readonly dueAt: string;
      readonly doneAt?: string;
      readonly to?: string;
    }[];
  };
  readonly timeline: readonly Fact[];
}

/** An entry of a pool's ledger about a lead. */
interface LedgerEntry {
  readonly pool: string;
  readonly seq: number;
  readonly rep: string;
  readonly charged: number;
  readonly credit: { readonly rep: string; readonly cause: string; readonly amount: number } | null;
  readonly candidates: readonly { readonly rep: string; readonly skip?: string }[];
}

export interface Accounting {
  readonly balanced: boolean;
  readonly inFlight: number;
}

/** The calls the demo makes. */
export interface DemoApi {
  makeSource(name: string, secret: string): Promise<void>;
  /** Sends a lead as a source would: signed. */
  deliver(
    source: string,
    secret: string,
    message: { readonly id: string; readonly body: string },
  ): Promise<Answer>;
  lead(id: string): Promise<LeadSeen>;
  act(id: string, verb: string, body: unknown): Promise<Answer>;
  /** The picks of a lead. */
  ledger(id: string): Promise<readonly LedgerEntry[]>;
  /** Out of office; over at once when it ends where it began. */
  absence(rep: string, span: { readonly from: string; readonly until: string }): Promise<void>;
  accounting(): Promise<Accounting>;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Talks to a running instance. @throws Error when it does not answer within 15 s */
export function createDemoApi(url: string, key: string): DemoApi {
  const call = async (
    method: string,
    path: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(15_000),
      headers: {
        ...(headers ?? { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : { text },
    };
  };
  const read = async (path: string): Promise<unknown> => {
    const { status, body } = await call('GET', path);
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    makeSource: async (name, secret) => {
      const { status, body } = await call(
        'PUT',
        `/v1/sources/${name}`,
        JSON.stringify({ kind: 'standard-webhooks', secret }),
      );
      if (status !== 200)
        throw new Error(`the source could not be made (${status}): ${JSON.stringify(body)}`);
    },
    deliver: (source, secret, message) =>
      call('POST', `/v1/webhooks/${source}`, message.body, {
        ...signWebhook(secret, { ...message, nowMs: Date.now() }),
      }),
    lead: async (id) => (await read(`/v1/leads/${id}`)) as LeadSeen,
    act: (id, verb, body) => call('POST', `/v1/leads/${id}/${verb}`, JSON.stringify(body)),
    ledger: async (id) =>
      ((await read(`/v1/leads/${id}/explanation`)) as { readonly ledger: readonly LedgerEntry[] }).ledger,
    absence: async (rep, span) => {
      const { status, body } = await call('PUT', `/v1/reps/${rep}/absence`, JSON.stringify(span));
      if (status !== 200)
        throw new Error(`the absence of ${rep} was answered ${status}: ${JSON.stringify(body)}`);
    },
    accounting: async () => (await read('/v1/accounting')) as Accounting,
  };
}
