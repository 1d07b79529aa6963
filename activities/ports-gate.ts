/** What the spam gate needs from the outside; the other ports are in ports.ts. */
import type { CaptchaProvider, GateSettings, GateState, RateKind, Rejection } from '../domain/gate';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';

/** A lead at the gate: what its source asks of it, and what is known so far. */
export interface AtGate {
  readonly settings: GateSettings;
  readonly state: GateState;
}

export interface GateStore {
  /** The standard gate where its source asks nothing, or is none of `PUT /v1/sources`. */
  of(leadId: LeadId): Promise<AtGate>;
  /**
   * Counts a lead against the limits of its source, all in one transaction. A repeat is not counted again and gets the
   * same answer. @returns the kind of which there were too many, if so
   */
  count(input: {
    readonly leadId: LeadId;
    readonly at: IsoInstant;
    readonly perMs: number;
    readonly limits: readonly { readonly kind: RateKind; readonly key: string; readonly most: number }[];
  }): Promise<'ok' | RateKind>;
  /** Adds to what the gate knows of a lead. Safe to repeat. */
  note(leadId: LeadId, found: Partial<GateState>): Promise<void>;
  /** Closes a lead that was not routed yet. Safe to repeat. */
  reject(leadId: LeadId, reason: Rejection, at: IsoInstant): Promise<void>;
  /** The lead is parked until its person confirms the address. Safe to repeat. */
  park(leadId: LeadId, at: IsoInstant): Promise<void>;
  /** The mail that asks for it is out, and its link is good until then. A repeat changes nothing. */
  asked(leadId: LeadId, until: IsoInstant, at: IsoInstant): Promise<void>;
  /** The person confirmed the address. Safe to repeat. */
  confirmed(leadId: LeadId, at: IsoInstant): Promise<void>;
}

/** `unknown`: the token ran out or was used before we could ask, which says nothing about the person. */
export type CaptchaVerdict = 'passed' | 'failed' | 'unknown';

export interface CaptchaPort {
  /** @throws ConnectorError; `setup` when the provider does not know the secret */
  verify(
    input: {
      readonly provider: CaptchaProvider;
      readonly secret: string;
      readonly token: string;
      readonly client?: string | undefined;
      readonly minScore: number;
    },
    signal: AbortSignal,
  ): Promise<CaptchaVerdict>;
}

/** Asks a person by mail to confirm the address; says nothing else. */
export interface ConfirmationPort {
  /** @param mail.key the same key is the same mail. @throws ConnectorError */
  ask(
    mail: {
      readonly key: string;
      readonly to: string;
      readonly link: string;
      readonly until: IsoInstant;
    },
    signal: AbortSignal,
  ): Promise<void>;
}
