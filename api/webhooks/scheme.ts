/** A request as its verifier sees it: the bytes as sent, headers whatever their case. */
export interface Delivery {
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  readonly nowMs: number;
}

export type Verdict =
  | { readonly ok: true; readonly eventId?: string }
  | {
      readonly ok: false;
      readonly reason: 'missing_header' | 'bad_signature' | 'bad_timestamp' | 'stale' | 'no_secret';
    };

/** One event of a delivery: what claims to be a lead, not checked yet. */
export interface LeadEvent {
  readonly lead: unknown;
  /** The source's own id of the event; absent when its content has to decide. */
  readonly eventId?: string | undefined;
}

/** How one kind of source signs, and where in its body the lead is. */
export interface WebhookScheme {
  /** Decides on the raw bytes, before anything is parsed. Every live secret is good. */
  verify(secrets: readonly string[], delivery: Delivery): Verdict;
  read(body: unknown, eventId: string | undefined): LeadEvent;
}
