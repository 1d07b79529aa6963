import { createHash } from 'node:crypto';
import { parseDuration } from '../domain/duration';
import { gateStep, type RateKind, type RateSettings } from '../domain/gate';
import { readMailbox } from '../domain/identity/email';
import { readDialled } from '../domain/identity/phone';
import { countryCode } from '../domain/identity/country';
import type { IsoInstant } from '../domain/instant';
import type { LeadState } from './ports';
import type { AtGate, GateStore } from './ports-gate';
import type { HeldAtGate } from './routing-types';

export interface GateDeps {
  readonly gate: GateStore;
  /** Whether an e-mail domain gives out throw-away mailboxes. */
  readonly isDisposable: (domain: string) => boolean;
}

/**
 * Takes a lead that is not identified yet as far through the gate as Postgres can: it is rejected, counted or parked
 * here; a captcha's provider and the person are asked by the run. @returns undefined when it may be identified
 */
export async function screenLead(
  { gate, isDisposable }: GateDeps,
  lead: LeadState,
  { settings, state: known }: AtGate,
  at: IsoInstant,
): Promise<HeldAtGate | undefined> {
  const { leadId, fields } = lead;
  const mailbox = readMailbox(fields.email);
  const disposable = mailbox !== undefined && isDisposable(mailbox.domain);
  let state = known;
  for (;;) {
    const step = gateStep(settings, { fields, state, disposable }, at);
    switch (step.kind) {
      case 'pass':
        return undefined;
      case 'reject':
        await gate.reject(leadId, step.reason, at);
        return { kind: 'rejected', reason: step.reason };
      case 'count': {
        const perMs = parseDuration(step.rate.per) ?? 0;
        const limits = limitsOf(lead, step.rate, state.client);
        state = { ...state, rate: await gate.count({ leadId, at, perMs, limits }) };
        break;
      }
      case 'captcha':
        return { kind: 'captcha' };
      case 'confirm':
        await gate.park(leadId, at);
        return { kind: 'unconfirmed' };
    }
  }
}

/** What is counted, each under a hash: the table is no list of people. */
function limitsOf(
  { source, fields }: LeadState,
  rate: RateSettings,
  client: string | undefined,
): Parameters<GateStore['count']>[0]['limits'] {
  const values: Readonly<Record<RateKind, string | undefined>> = {
    mailbox: readMailbox(fields.email)?.canonical,
    phone: readDialled(fields.phone, [countryCode(fields.country)])?.digits,
    client,
  };
  return (Object.keys(values) as RateKind[]).flatMap((kind) => {
    const [most, value] = [rate[kind], values[kind]];
    if (most === undefined || value === undefined) return [];
    const key = createHash('sha256')
      .update(JSON.stringify([source, kind, value]))
      .digest('hex');
    return [{ kind, key, most }];
  });
}
