import type { PolicyDocument, PolicyStore, PolicyVersionView } from '../../activities/ports';
import { toInstant, type IsoInstant } from '../../domain/instant';
import { diffPolicies } from '../../policy/diff';
import { parsePolicy } from '../../policy/parse';
import { bestEffort } from '../best-effort';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { apiSource } from '../lead-id';
import { route, type Api } from '../route';
import {
  DiffQuery,
  PolicyDiff,
  PolicySaved,
  PolicyText,
  PolicyVersion,
  PolicyVersions,
  PreviewBody,
  PreviewView,
  PublishBody,
  VersionParams,
} from '../schemas/policy';

const tag = 'policy';

export function policyRoutes(api: Api, deps: ApiDeps): void {
  readingRoutes(api, deps);
  savingRoutes(api, deps);
  publishingRoutes(api, deps);
}

function readingRoutes(api: Api, { policies, preview }: ApiDeps): void {
  route(api, {
    method: 'get',
    path: '/v1/policy',
    tag,
    summary: 'The live policy',
    scope: 'read',
    replies: { 200: PolicyText },
    errors: ['no_live_policy'],
    handle: async () => textOf(policies, (await livePolicy(policies)).version),
  });
  route(api, {
    method: 'get',
    path: '/v1/policy/versions',
    tag,
    summary: 'All versions, newest first',
    scope: 'read',
    replies: { 200: PolicyVersions },
    handle: async () => ({ data: await policies.versions() }),
  });
  route(api, {
    method: 'get',
    path: '/v1/policy/versions/:version',
    tag,
    summary: 'One version as it was saved',
    scope: 'read',
    params: VersionParams,
    replies: { 200: PolicyText },
    errors: ['unknown_policy_version'],
    handle: ({ params }) => textOf(policies, params.version),
  });
  route(api, {
    method: 'get',
    path: '/v1/policy/diff',
    tag,
    summary: 'What changes from one version to another',
    scope: 'read',
    query: DiffQuery,
    replies: { 200: PolicyDiff },
    errors: ['unknown_policy_version', 'no_live_policy'],
    handle: ({ query }) => diff(policies, query.from, query.to),
  });
  route(api, {
    method: 'post',
    path: '/v1/policy/preview',
    tag,
    summary: 'Route a lead on paper; nothing is written',
    scope: 'read',
    body: PreviewBody,
    replies: { 200: PreviewView },
    errors: ['unknown_policy_version', 'no_live_policy', 'cannot_route'],
    handle: async ({ body: { lead, version } }) => {
      const result = await preview(lead, lead.source ?? apiSource, version).catch(explained);
      if (!result) throw version === undefined ? noLivePolicy() : unknownVersion(version);
      return result;
    },
  });
}

function savingRoutes(api: Api, { policies }: ApiDeps): void {
  route(api, {
    method: 'put',
    path: '/v1/policy',
    tag,
    summary: 'Save a policy as a draft',
    description: 'YAML or JSON. Faults are answered with line and column.',
    scope: 'operate',
    headers: {
      'if-match':
        'The version the text was made from, as "7": refused when a newer one was saved since. Without it nothing is compared.',
    },
    bodyAs: 'text',
    bodyLimit: 1_024 * 1_024,
    contentTypes: [
      'application/yaml',
      'application/json',
      'application/x-yaml',
      'text/yaml',
      'text/x-yaml',
      'text/plain',
    ],
    replies: { 200: PolicySaved },
    errors: [
      'invalid_policy',
      'policy_conflict',
      'malformed_body',
      'payload_too_large',
      'unsupported_media_type',
    ],
    handle: ({ text, caller, header }) =>
      saveDraft(policies, { text, by: caller.name, basedOn: basedOn(header('if-match')) }),
  });
}

function publishingRoutes(api: Api, deps: ApiDeps): void {
  const { policies, clock } = deps;
  route(api, {
    method: 'post',
    path: '/v1/policy/publish',
    tag,
    summary: 'Make a version live, now or later',
    scope: 'operate',
    body: PublishBody,
    replies: { 200: PolicyVersion },
    errors: ['unknown_policy_version', 'strands_leads', 'runs_unavailable'],
    handle: ({ body }) => publish(deps, body),
  });
  route(api, {
    method: 'delete',
    path: '/v1/policy/versions/:version/schedule',
    tag,
    summary: 'Do not publish a version that is scheduled',
    scope: 'operate',
    params: VersionParams,
    replies: { 200: PolicyVersion },
    errors: ['unknown_policy_version', 'not_scheduled', 'runs_unavailable'],
    handle: ({ params }) => unschedule(deps, params.version),
  });
  route(api, {
    method: 'post',
    path: '/v1/policy/rollback',
    tag,
    summary: 'Go back to the version that was live before',
    scope: 'operate',
    replies: { 200: PolicyVersion },
    errors: ['nothing_to_roll_back'],
    handle: async () => {
      const back = await policies.rollback(toInstant(clock.now()));
      if (!back) throw new ApiError('nothing_to_roll_back', 'No other version was live before this one.');
      await tellRuns(deps);
      return back;
    },
  });
}

/** The version of an `If-Match`, which quotes it: `"7"`. */
function basedOn(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined)
    throw new ApiError('bad_request', 'If-Match names a version in quotes, such as "7".');
  return Number(version);
}

async function saveDraft(
  policies: PolicyStore,
  {
    text,
    by,
    basedOn: base,
  }: { readonly text: string; readonly by: string; readonly basedOn: number | undefined },
) {
  const parsed = parsePolicy(text);
  if (!parsed.ok) {
    const [first] = parsed.problems;
    const where = first
      ? ` Line ${String(first.line)}, column ${String(first.column)}: ${first.message}.`
      : '';
    throw new ApiError(
      'invalid_policy',
      `The policy has ${String(parsed.problems.length)} fault(s).${where}`,
      { issues: parsed.problems },
    );
  }
  // Postgres cannot store NUL, which YAML allows as an escape only; the text itself must be free of it.
  const saved = await policies.saveDraft(text.replaceAll('\0', ''), by, base);
  if (saved.kind === 'saved') return { version: saved.version, findings: parsed.findings };
  throw new ApiError(
    'policy_conflict',
    `Version ${String(saved.newest)} was saved since version ${String(base)}.`,
  );
}

/** Parked leads look for an owner by the new version, and running clocks go on by its hours and durations. */
async function tellRuns({ runs, log }: ApiDeps): Promise<void> {
  await bestEffort(log, 'waking parked leads', () => runs.wakeParked());
  await bestEffort(log, 're-basing clocks', () => runs.rebase({}));
}

async function publish(
  deps: ApiDeps,
  {
    version,
    at,
    force,
  }: { readonly version: number; readonly at?: IsoInstant | undefined; readonly force?: boolean | undefined },
): Promise<PolicyVersionView> {
  const { policies, leads, runs, clock } = deps;
  const { policy } = await versionOf(policies, version);
  if (force !== true) refuseStranding(await leads.ownedByOthers(policy.reps.map(({ id }) => id)));
  const now = toInstant(clock.now());
  if (at !== undefined && at > now) {
    // The timer first: a version that says "scheduled" and never goes live would be the worse half.
    await runs.schedulePublish(version, at);
    return (await policies.schedule(version, at)) ?? (await viewOf(policies, version));
  }
  const live = await policies.publish(version, now);
  if (!live) throw unknownVersion(version);
  await tellRuns(deps);
  return live;
}

/** Leads whose owner is gone would wait for nobody: their clocks have no calendar, their messages no address. */
function refuseStranding(stranded: readonly { readonly leadId: string; readonly owner: string }[]): void {
  if (stranded.length === 0) return;
  const owners = [...new Set(stranded.map(({ owner }) => owner))].join(', ');
  throw new ApiError('strands_leads', `${String(stranded.length)} open lead(s) belong to ${owners}.`, {
    issues: stranded.map(({ leadId, owner }) => ({
      path: leadId,
      message: `belongs to ${owner}, whom the version does not know`,
      expected: 'an owner of this version',
    })),
  });
}

async function unschedule({ policies, runs }: ApiDeps, version: number): Promise<PolicyVersionView> {
  if ((await viewOf(policies, version)).state !== 'scheduled')
    throw new ApiError('not_scheduled', `Version ${String(version)} is not scheduled.`);
  // The timer first: a draft that goes live all the same would be the worse half.
  await runs.cancelPublish(version);
  const draft = await policies.unschedule(version);
  if (!draft) throw new ApiError('not_scheduled', `Version ${String(version)} was published just now.`);
  return draft;
}

async function viewOf(policies: PolicyStore, version: number): Promise<PolicyVersionView> {
  const view = (await policies.versions()).find((candidate) => candidate.version === version);
  if (!view) throw unknownVersion(version);
  return view;
}

async function diff(policies: PolicyStore, from: number | undefined, to: number) {
  const before = from === undefined ? await livePolicy(policies) : await versionOf(policies, from);
  const after = await versionOf(policies, to);
  return { from: before.version, to: after.version, changes: diffPolicies(before.policy, after.policy) };
}

async function versionOf(policies: PolicyStore, version: number): Promise<PolicyDocument> {
  const document = await policies.version(version);
  if (!document) throw unknownVersion(version);
  return document;
}

async function textOf(policies: PolicyStore, version: number) {
  const text = await policies.text(version);
  if (text === undefined) throw unknownVersion(version);
  return { version, text };
}

/** The live policy. @throws ApiError 409 when there is none */
export async function livePolicy(policies: PolicyStore): Promise<PolicyDocument> {
  const live = await policies.live();
  if (!live) throw noLivePolicy();
  return live;
}

/** What would park the lead's run as *needs attention* is the answer here; the message is about the policy. */
function explained(error: unknown): never {
  const isFailure =
    error instanceof Error &&
    'type' in error &&
    typeof error.type === 'string' &&
    /\.(no_rule|policy_rule|no_working_time)$/.test(error.type);
  if (isFailure) throw new ApiError('cannot_route', error.message, { cause: error });
  throw error;
}

function noLivePolicy(): ApiError {
  return new ApiError('no_live_policy', 'Save a policy with PUT /v1/policy and publish it.');
}

function unknownVersion(version: number): ApiError {
  return new ApiError('unknown_policy_version', `There is no policy version ${String(version)}.`);
}
