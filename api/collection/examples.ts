/** What a request of the collection needs besides what the OpenAPI document says. */
export interface Example {
  /** Of a kind where the order matters: lower goes first, 0 when absent. */
  readonly order?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Status that says it worked, and which part of the answer later requests use under which variable. */
  readonly keep?: Readonly<Record<string, string>>;
}

/** A policy of one rep: saved as a draft, published for a day that is taken back. */
const policy = `calendars:
  utc: { timeZone: UTC, week: { mon-fri: ["09:00-17:00"] } }
reps:
  - { id: ada, name: Ada, email: ada@example.com, calendar: utc }
routing:
  - { rule: all, to: ada, sla: day }
sla:
  day: { clock: business, touch: 8h }
`;

/** Variables of the collection, with the values it is imported with. */
export const variables: Readonly<Record<string, string>> = {
  baseUrl: 'http://127.0.0.1:8080',
  apiKey: '',
  source: 'collection',
  sourceSecret: 'change-me-please-16',
  rep: 'anna',
  pool: 'inbound',
  leadId: 'lead_00000000000000000000000000',
  personId: 'per_0',
  version: '1',
  modelVersion: '1',
  errorId: 'err_0',
  reviewId: 'rev_0',
  mergeId: 'mrg_0',
  keyId: 'key_0',
};

/** Which variable stands for `{id}` in the paths under each of these. */
export const idVariables: Readonly<Record<string, string>> = {
  people: 'personId',
  reviews: 'reviewId',
  merges: 'mergeId',
  errors: 'errorId',
  keys: 'keyId',
  models: 'modelVersion',
};

/** By method and path of the document. */
export const examples: Readonly<Record<string, Example>> = {
  'POST /v1/leads': { order: -1, keep: { leadId: 'id' } },
  'GET /v1/leads/{leadId}': { keep: { personId: 'personId' } },
  'PUT /v1/sources/{source}': { order: -1, body: { kind: 'generic', secret: '{{sourceSecret}}' } },
  'POST /v1/webhooks/{source}': {
    headers: { authorization: 'Bearer {{sourceSecret}}' },
    body: { email: 'kim@example.net', first_name: 'Kim' },
  },
  'POST /v1/sources/{source}/test': { body: { body: { email: 'kim@example.net' } } },
  'POST /v1/imports': { body: 'email,company\nkim@example.net,Example\n' },
  'POST /v1/slack/interactions': { body: 'payload={}' },
  'POST /v1/leads/{leadId}/acknowledge': { body: { by: '{{rep}}', for: '1h' } },
  'POST /v1/leads/{leadId}/reassign': { order: -1, body: { to: '{{rep}}' } },
  'PUT /v1/leads/{leadId}/score': { body: { band: 'hot', reason: 'called us', by: '{{rep}}' } },
  'PUT /v1/policy': {
    order: -1,
    headers: { 'content-type': 'application/yaml' },
    body: policy,
    keep: { version: 'version' },
  },
  'POST /v1/policy/publish': { body: { version: '{{version}}', at: '2099-01-01T00:00:00Z' } },
  'POST /v1/sla/preview': { body: { rep: '{{rep}}', start: '2026-12-01T09:00:00Z', durations: ['90m'] } },
  // An absence that ends where it begins is none.
  'PUT /v1/reps/{rep}/absence': {
    body: { from: '2099-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' },
  },
  'POST /v1/people/{id}/merge': { body: { into: 'per_0', because: 'the same person' } },
  'POST /v1/errors/retry': { body: { fingerprint: 'crm.auth' } },
  'POST /v1/keys': { order: -1, body: { name: 'collection', scopes: ['read'] }, keep: { keyId: 'id' } },
};
