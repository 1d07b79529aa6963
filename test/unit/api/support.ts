import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { ErrorView, NewLead, PolicyVersionView } from '../../../activities/ports';
import type {
  ApiKeyView,
  ApiScope,
  ImportBook,
  ImportView,
  KeptEvent,
  LeadView,
  SourceConfig,
} from '../../../api/ports';
import { createApp } from '../../../api/app';
import { hashKey } from '../../../api/auth';
import type { ApiDeps, RunAnswer } from '../../../api/deps';
import type { LeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';
import type { LeadFields } from '../../../domain/lead';
import { fakeImports } from './support-imports';
import { fakeIdentity, freshIdentity, type IdentityWorld } from './support-identity';
import { parsePolicy } from '../../../policy/parse';

export const policyText = `calendars:
  berlin: { timeZone: Europe/Berlin, week: { mon-fri: ["09:00-17:00"] }, holidays: DE-BY }
reps:
  - { id: anna, name: Anna Berger, email: anna@example.com, manager: mira, calendar: berlin }
  - { id: ben, name: Ben Okafor, email: ben@example.com, manager: mira, calendar: berlin }
  - { id: mira, name: Mira Lindqvist, email: mira@example.com, calendar: berlin }
pools:
  inbound: { members: { anna: 2, ben: 1 }, whenNobody: mira }
routing:
  - { rule: everything, to: pool/inbound, sla: hot }
sla:
  hot: { clock: business, touch: 5m, steps: [{ after: 3m, do: remind }] }
`;

export const leadId = 'lead_0123456789abcdef0123456789'.slice(0, 31) as LeadId;
export const keys = {
  admin: 'lr_admin-key-for-tests',
  intake: 'lr_intake-key-for-tests',
  read: 'lr_read-key-for-tests',
  act: 'lr_act-key-for-tests',
  operate: 'lr_operate-key-for-tests',
} as const;
export const startMs = Date.UTC(2026, 10, 24, 9);

/** Everything a fake remembers or can be told to do. */
export interface World extends IdentityWorld {
  nowMs: number;
  accepted: NewLead[];
  requests: { leadId: LeadId; kind: string; args: unknown; key?: string }[];
  slackReplies: { url: string; message: unknown }[];
  answer: () => Promise<RunAnswer>;
  retried: { leadId: LeadId; step: string }[];
  woken: number;
  begunAgain: LeadId[];
  crmChanges: { leadId: LeadId; change: unknown }[];
  crmDeleted: LeadId[];
  crmAsked: number;
  /** Address of a person whom we made in the CRM a moment ago. */
  justMade?: string;
  /** Ids of records with which it was. */
  crmNamed: string[][];
  scheduled: { version: number; at: string }[];
  rebased: { readonly rep?: string }[];
  leads: Map<LeadId, LeadView>;
  people: Map<LeadId, LeadFields>;
  errors: ErrorView[];
  sources: SourceConfig[];
  events: KeptEvent[];
  imports: Map<string, ImportView>;
  files: Parameters<ImportBook['open']>[0][];
  importRuns: string[];
  fetchRuns: string[];
  keys: (ApiKeyView & { hash: string })[];
  texts: string[];
  live: number | undefined;
  previous: number | undefined;
  postgres: boolean;
  temporal: boolean;
  logs: string[];
  keyLoads: number;
}

export interface TestApi {
  readonly world: World;
  readonly url: string;
  readonly deps: ApiDeps;
  /** A call with a JSON body and the key of a scope. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly as?: keyof typeof keys | null;
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests read whatever the API answers.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export function leadView(changes: Partial<LeadView> = {}): LeadView {
  const at = toInstant(startMs);
  return {
    id: leadId,
    status: 'assigned',
    source: 'website',
    owner: { id: 'anna', name: 'Anna Berger' },
    workflowId: `lead/${leadId}`,
    receivedAt: at,
    sla: {
      policy: 'hot',
      touchDueAt: toInstant(startMs + 300_000),
      breached: false,
      steps: [{ do: 'remind', dueAt: toInstant(startMs + 180_000) }],
      clocks: [],
    },
    timeline: [{ at, what: 'received', source: 'website' }],
    ...changes,
  };
}

function freshWorld(): World {
  const world: World = {
    nowMs: startMs,
    accepted: [],
    requests: [],
    slackReplies: [],
    answer: () => Promise.resolve({ ok: true, state: { status: 'touched', owner: 'anna' } }),
    retried: [],
    woken: 0,
    begunAgain: [],
    crmChanges: [],
    crmDeleted: [],
    crmAsked: 0,
    crmNamed: [],
    scheduled: [],
    rebased: [],
    leads: new Map([[leadId, leadView()]]),
    people: new Map([
      [
        leadId,
        {
          firstName: 'Ada',
          lastName: '<script>alert(1)</script>',
          email: 'ada@example.com',
          company: '"Evil" & Söhne',
        },
      ],
    ]),
    errors: [],
    sources: [],
    events: [],
    imports: new Map(),
    files: [],
    importRuns: [],
    fetchRuns: [],
    keys: (Object.keys(keys) as ApiScope[]).map((scope) => ({
      id: `key_${scope}`,
      name: `${scope} key`,
      scopes: [scope],
      hash: hashKey(keys[scope]),
      createdAt: toInstant(startMs),
    })),
    texts: [policyText],
    live: 1,
    previous: undefined,
    postgres: true,
    temporal: true,
    logs: [],
    keyLoads: 0,
    ...freshIdentity(),
  };
  return world;
}

/** The API on a free port, on stores that live in memory. */
export async function startApi(
  changes: (deps: ApiDeps, world: World) => Partial<ApiDeps> = () => ({}),
): Promise<TestApi> {
  const world = freshWorld();
  const log = pino({ level: 'debug' }, { write: (line: string) => world.logs.push(line) });
  let url = 'http://127.0.0.1';
  const base = fakeDeps(world, log, () => url);
  const deps = { ...base, ...changes(base, world) };
  const server = createApp(deps).listen(0, '127.0.0.1');
  // As in production. With Node's 5 s a client whose event loop was busy writes into a connection that is being closed.
  server.keepAliveTimeout = 65_000;
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    world,
    url,
    deps,
    call: (method, path, options = {}) => call(url, method, path, options),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function call(
  url: string,
  method: string,
  path: string,
  { as = 'admin', json, body, headers = {} }: CallOptions,
): Promise<Answer> {
  const sent = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(as ? { authorization: `Bearer ${keys[as]}` } : {}),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

function versionOf(world: World, version: number): PolicyVersionView {
  const at = toInstant(world.nowMs);
  const waits = world.scheduled.some((one) => one.version === version);
  const state = world.live === version ? 'live' : waits ? 'scheduled' : 'draft';
  return { version, state, createdBy: 'tests', createdAt: at };
}

function fakeDeps(world: World, log: ApiDeps['log'], url: () => string): ApiDeps {
  const has = (version: number): boolean => version >= 1 && version <= world.texts.length;
  const document = (version: number | undefined) => {
    const parsed =
      version === undefined || !has(version) ? undefined : parsePolicy(world.texts[version - 1] ?? '');
    return version !== undefined && parsed?.ok ? { version, policy: parsed.policy } : undefined;
  };
  return {
    intake: { accept: async (lead) => void world.accepted.push(lead) },
    runs: {
      request: async (id, kind, args, key) => {
        world.requests.push({ leadId: id, kind, args, ...(key === undefined ? {} : { key }) });
        return world.answer();
      },
      retry: async (errors) =>
        world.retried.push(...errors.map(({ leadId: id, step }) => ({ leadId: id, step }))) && errors.length,
      wakeParked: async () => (world.woken += 1),
      askCrm: async (ids) => {
        if (ids) world.crmNamed.push([...ids]);
        else world.crmAsked += 1;
      },
      beginAgain: async (id) => void world.begunAgain.push(id),
      crmChanged: async (id, change) => void world.crmChanges.push({ leadId: id, change }),
      schedulePublish: async (version, at) => void world.scheduled.push({ version, at }),
      cancelPublish: async (version) =>
        void (world.scheduled = world.scheduled.filter((one) => one.version !== version)),
      rebase: async (wanted) => void world.rebased.push(wanted),
      fetchLead: async (id) => void world.fetchRuns.push(id),
      startImport: async (id) => void world.importRuns.push(id),
    },
    leads: {
      view: async (id) => world.leads.get(id),
      list: async () => ({
        data: [...world.leads.values()].map(({ timeline: _t, sla: _s, crm: _c, ...summary }) => summary),
        hasMore: false,
      }),
      explanation: async (id) =>
        world.leads.has(id)
          ? {
              leadId: id,
              rule: 'everything',
              score: 12,
              trail: [{ rule: 'everything', verdict: 'matched' }],
              ledger: [],
            }
          : undefined,
      ownedByOthers: async (repIds) =>
        [...world.leads.values()].flatMap(({ id, owner }) =>
          owner === undefined || repIds.includes(owner.id) ? [] : [{ leadId: id, owner: owner.id }],
        ),
      person: async (id) => world.people.get(id),
      accounting: async () => ({
        accepted: 1,
        assigned: 1,
        parked: 0,
        merged: 0,
        rejected: 0,
        deadLettered: 0,
        inFlight: 0,
        balanced: true,
      }),
    },
    policies: {
      live: async () => document(world.live),
      version: async (version) => document(version),
      saveDraft: async (text, _by, basedOn) =>
        basedOn !== undefined && basedOn !== world.texts.length
          ? { kind: 'conflict', newest: world.texts.length }
          : { kind: 'saved', version: world.texts.push(text) },
      unschedule: async (version) => (has(version) ? versionOf(world, version) : undefined),
      text: async (version) => (has(version) ? world.texts[version - 1] : undefined),
      versions: async () => world.texts.map((_text, index) => versionOf(world, index + 1)),
      publish: async (version) => {
        if (!has(version)) return undefined;
        world.previous = world.live;
        world.live = version;
        return versionOf(world, version);
      },
      schedule: async (version, publishAt) =>
        has(version) ? { ...versionOf(world, version), state: 'scheduled', publishAt } : undefined,
      rollback: async () => {
        if (world.previous === undefined) return undefined;
        world.live = world.previous;
        world.previous = undefined;
        return versionOf(world, world.live);
      },
    },
    reps: {
      setStatus: async () => undefined,
      setAbsence: async () => undefined,
      states: async () => [
        { repId: 'ben', status: 'paused', pauseReason: '<b>tired</b>', openCount: 3, absences: [] },
      ],
    },
    pools: {
      ledger: async (pool) => ({
        data:
          pool === 'inbound'
            ? [
                {
                  seq: 1,
                  leadId,
                  hop: 0,
                  rep: 'anna',
                  at: toInstant(startMs),
                  charged: 3,
                  candidates: [{ rep: 'anna', weight: 2, before: 2, eligible: true, after: -1 }],
                },
              ]
            : [],
        hasMore: false,
        shares: pool === 'inbound' ? [{ rep: 'anna', weight: 2, assigned: 1, target: 0.67 }] : [],
      }),
    },
    errors: {
      get: async (id) => world.errors.find((error) => error.id === id),
      list: async ({ state, fingerprint, limit, startingAfter }) => {
        const all = world.errors.filter(
          (error) => (!state || error.state === state) && (!fingerprint || error.fingerprint === fingerprint),
        );
        const from = startingAfter === undefined ? 0 : all.findIndex(({ id }) => id === startingAfter) + 1;
        return {
          data: all.slice(from, from + Math.min(limit, 2)),
          hasMore: all.length > from + Math.min(limit, 2),
        };
      },
      groups: async () =>
        world.errors.slice(0, 1).map(({ fingerprint, code, step, message, firstSeenAt, lastSeenAt }) => ({
          fingerprint,
          code,
          step,
          message,
          leads: 1,
          count: 1,
          firstSeenAt,
          lastSeenAt,
        })),
    },
    keys: {
      live: async () => {
        world.keyLoads += 1;
        if (!world.postgres) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        return world.keys.filter((key) => key.revokedAt === undefined);
      },
      create: async ({ ratePerSecond, ...key }) => {
        const row = {
          ...key,
          createdAt: toInstant(world.nowMs),
          ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
        };
        world.keys.push(row);
        const { hash: _hash, ...view } = row;
        return view;
      },
      list: async () => world.keys.map(({ hash: _hash, ...view }) => view),
      revoke: async (id, at) => {
        const index = world.keys.findIndex((key) => key.id === id && key.revokedAt === undefined);
        const key = world.keys[index];
        if (key) world.keys[index] = { ...key, revokedAt: at };
        return key !== undefined;
      },
    },
    sources: {
      all: async () => {
        if (!world.postgres) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        return [...world.sources];
      },
      put: async (source) => {
        world.sources = [...world.sources.filter(({ name }) => name !== source.name), source];
      },
    },
    events: {
      keep: async (events) => {
        if (!world.postgres) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        for (const event of events) {
          world.events = [...world.events.filter(({ leadId: id }) => id !== event.leadId), event];
          if (event.state === 'dead_lettered')
            world.errors = [
              openError('err_dead', `map.${event.source}`, { leadId: event.leadId, step: 'map' }),
            ];
        }
      },
      deadLetter: async (id) =>
        world.events.find(({ leadId: known, state }) => known === id && state === 'dead_lettered'),
      refetch: async (id) => {
        const dead = world.events.find((event) => event.leadId === id && event.state === 'dead_lettered');
        if (dead) world.events = [{ ...dead, state: 'fetching' }];
        return dead !== undefined;
      },
      replayed: async (id) => {
        world.events = world.events.map((event) =>
          event.leadId === id ? { ...event, state: 'replayed' } : event,
        );
        world.errors = [];
      },
      list: async ({ source, state }) => ({
        data: world.events.filter((event) => event.source === source && (!state || event.state === state)),
        hasMore: false,
      }),
    },
    imports: fakeImports(world),
    gate: {
      release: async ({ leadId: id }) => {
        const lead = world.leads.get(id);
        return lead && (lead.status === 'rejected' ? 'released' : 'not_rejected');
      },
    },
    ...fakeIdentity(world),
    crmSync: {
      deleted: async (id) => void world.crmDeleted.push(id),
      reports: async () => [
        {
          id: 'run-1',
          system: 'hubspot',
          startedAt: toInstant(startMs),
          finishedAt: toInstant(startMs),
          counts: { checked: 2, differing: 1, taken: 0, written: 1, asked: 0 },
          differences: [{ leadId, field: 'owner', ours: 'anna', theirs: 'ben', repair: 'written' }],
        },
      ],
    },
    crm: {
      leadIdOf: async (externalId) => (externalId === 'crm-1' ? leadId : undefined),
      hasJustMade: async ({ email }) => {
        if (!world.postgres) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        return email !== undefined && email === world.justMade;
      },
    },
    preview: async (_fields, _source, version = world.live) =>
      version !== undefined && has(version)
        ? {
            version,
            rule: 'everything',
            owner: { id: 'anna', name: 'Anna Berger' },
            score: 10,
            band: 'cold',
            due: [{ do: 'touch', dueAt: toInstant(startMs) }],
            trail: [],
          }
        : undefined,
    health: async () => ({ postgres: world.postgres, temporal: world.temporal }),
    linkKey: Buffer.alloc(32, 1),
    sessionKey: Buffer.alloc(32, 2),
    crmSecret: 'whsec_Y3JtLXNlY3JldC1mb3ItdGVzdHMtMDEyMzQ1Njc4OQ==',
    crmSystem: 'local',
    slack: {
      signingSecret: '8f742231b10e8888abcd99yyyzzz85a5',
      reply: async (url, message) => void world.slackReplies.push({ url, message }),
    },
    clock: { now: () => world.nowMs },
    log,
    metrics: new Registry(),
    ratePerSecond: 100_000,
    publicUrl: url,
  };
}

export function openError(id: string, fingerprint: string, changes: Partial<ErrorView> = {}): ErrorView {
  const at = toInstant(startMs);
  return {
    id,
    leadId,
    step: 'crm',
    code: 'auth',
    fingerprint,
    message: 'token <expired>',
    state: 'open',
    count: 1,
    firstSeenAt: at,
    lastSeenAt: at,
    ...changes,
  };
}
