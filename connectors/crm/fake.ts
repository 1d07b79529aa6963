import { randomUUID } from 'node:crypto';
import { toInstant, type IsoInstant } from '../../domain/instant';
import { signWebhook, verifyWebhook } from '../../domain/standard-webhooks';
import {
  json,
  jsonOf,
  startFakeServer,
  type FakeControls,
  type FakeReply,
  type FakeRequest,
} from '../fake-server';
import { CrmBody } from './fake-body';

export interface FakeCrmOptions {
  /** 0 or absent picks a free one. */
  readonly port?: number;
  /** Standard Webhooks secret: checks what comes in, signs what goes out. */
  readonly secret: string;
  /** The clock signatures are judged by; the system's when absent. */
  readonly now?: () => number;
  readonly delayMs?: number;
  /** Seconds that `busy` asks for; 1 when absent. */
  readonly retryAfterS?: number;
}

export interface FakeCrmRecord {
  readonly externalId: string;
  /** As last written by PUT. */
  readonly lead: CrmBody;
  /** Counts writes from both sides. */
  readonly version: number;
  /** What people changed in the CRM since. */
  readonly changes: Readonly<Partial<Record<CrmChangeField, string>>>;
}

export type CrmChangeField = 'status' | 'owner';

/** A change made by a person in the CRM; one of `leadId` and `externalId` names the record. */
export interface CrmChange {
  /** Base address of the API the change is posted to. */
  readonly apiUrl: string;
  readonly leadId?: string;
  readonly externalId?: string;
  readonly field: CrmChangeField;
  readonly value: string;
  readonly at?: IsoInstant;
  readonly by?: string;
  /** The record's next version when absent. */
  readonly version?: number;
  /** Webhook id; give the same one again to play a redelivery. */
  readonly eventId?: string;
  /** Signs with another secret, to play a forger. */
  readonly secret?: string;
}

export interface FakeCrm extends FakeControls {
  readonly secret: string;
  /** By lead id. */
  readonly records: ReadonlyMap<string, FakeCrmRecord>;
  readonly counts: {
    /** Records made per lead id: more than one is a double. */
    readonly creates: ReadonlyMap<string, number>;
    /** Requests so far, refused and failed ones included. */
    requests(): number;
    /** Repeats per idempotency key; each was answered as the first time and changed nothing. */
    readonly duplicates: ReadonlyMap<string, number>;
  };
  /** Posts a signed change to `{apiUrl}/v1/webhooks/crm`. */
  sendChange(
    change: CrmChange,
  ): Promise<{ readonly status: number; readonly text: string; readonly eventId: string }>;
}

/** A CRM in memory that keeps our contract strictly and fails on demand; for tests, the demo and fault injection. */
export async function startFakeCrm(options: FakeCrmOptions): Promise<FakeCrm> {
  const { secret, now = Date.now } = options;
  const records = new Map<string, FakeCrmRecord>();
  const creates = new Map<string, number>();
  const duplicates = new Map<string, number>();
  const answered = new Map<string, FakeReply>();

  function write(request: FakeRequest): FakeReply {
    const key = request.header('idempotency-key') ?? '';
    const before = answered.get(key);
    if (before) {
      duplicates.set(key, (duplicates.get(key) ?? 0) + 1);
      return before;
    }
    const lead = CrmBody.parse(jsonOf(request.body));
    const known = records.get(lead.id);
    if (!known) creates.set(lead.id, (creates.get(lead.id) ?? 0) + 1);
    const externalId = known?.externalId ?? `crm_${String(records.size + 1)}`;
    records.set(lead.id, {
      externalId,
      lead,
      version: (known?.version ?? 0) + 1,
      changes: known?.changes ?? {},
    });
    const reply = json(known ? 200 : 201, { externalId });
    answered.set(key, reply);
    return reply;
  }

  function change({ leadId, externalId, field, value }: CrmChange): FakeCrmRecord | undefined {
    const record = [...records.values()].find(
      (one) => one.lead.id === leadId || one.externalId === externalId,
    );
    if (!record) return undefined;
    const changed = {
      ...record,
      version: record.version + 1,
      changes: { ...record.changes, [field]: value },
    };
    records.set(record.lead.id, changed);
    return changed;
  }

  const server = await startFakeServer({
    ...options,
    check: (request) => refuse(request, secret, now()),
    act: write,
  });
  return {
    ...server,
    secret,
    records,
    counts: { creates, duplicates, requests: server.requests },
    sendChange: (sent) => post(sent, change(sent)?.version ?? 1, { secret, nowMs: now() }),
  };
}

function refuse(request: FakeRequest, secret: string, nowMs: number): FakeReply | undefined {
  const leadId = /^\/leads\/([^/]+)$/.exec(request.path)?.[1];
  if (leadId === undefined) return json(404, { error: 'no such resource' });
  if (request.method !== 'PUT') return json(405, { error: 'PUT only' });
  const verdict = verifyWebhook([secret], { header: request.header, body: request.body, nowMs });
  if (!verdict.ok) return json(verdict.reason === 'stale' ? 400 : 401, { error: verdict.reason });
  if (request.header('idempotency-key') !== verdict.id)
    return json(400, { error: 'webhook-id is not the idempotency key' });
  const body = CrmBody.safeParse(jsonOf(request.body));
  if (!body.success) return json(400, { error: body.error.issues });
  return body.data.id === decodeURIComponent(leadId)
    ? undefined
    : json(400, { error: 'id is not the one in the path' });
}

async function post(
  change: CrmChange,
  version: number,
  signer: { readonly secret: string; readonly nowMs: number },
) {
  const { leadId, externalId, field, value, by = 'crm-user', eventId = `evt_${randomUUID()}` } = change;
  const at = change.at ?? toInstant(signer.nowMs);
  const body = JSON.stringify({
    leadId,
    externalId,
    field,
    value,
    at,
    by,
    version: change.version ?? version,
  });
  const signature = signWebhook(change.secret ?? signer.secret, { id: eventId, body, nowMs: signer.nowMs });
  const response = await fetch(`${change.apiUrl.replace(/\/+$/, '')}/v1/webhooks/crm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signature },
    body,
  });
  return { status: response.status, text: await response.text(), eventId };
}
