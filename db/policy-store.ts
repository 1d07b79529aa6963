import type { PolicyDocument, PolicyStore, PolicyVersionView } from '../activities/ports';
import { toInstant, type IsoInstant } from '../domain/instant';
import { parsePolicy } from '../policy/parse';
import { transaction, type Database } from './client';
import type { PolicyVersionModel } from './generated/models';
import { oweRebase } from './owed-rebases';

export function createPolicyStore(db: Database): PolicyStore {
  const { prisma, pool } = db;
  const version = parsedOnce(db);
  return {
    version,
    publish: (number, at) => makeLive(db, number, at),
    // Asked anew for every lead: what was published counts from the next decision on, in every process.
    live: async () => {
      const { rows } = await pool.query<{ version: number }>({
        name: 'live-policy',
        text: `SELECT version FROM policy_versions WHERE state = 'live'`,
      });
      return rows[0] && version(rows[0].version);
    },
    saveDraft: (text, by, basedOn) => saveDraft(pool, { text, by, basedOn }),
    text: async (number) =>
      (await prisma.policyVersion.findUnique({ where: { version: number }, select: { text: true } }))?.text,
    versions: async () =>
      (await prisma.policyVersion.findMany({ orderBy: { version: 'desc' }, take: 200 })).map(viewOf),
    schedule: async (number, publishAt) => {
      const target = { version: number, state: { not: 'live' } };
      const { count } = await prisma.policyVersion.updateMany({
        where: target,
        data: { state: 'scheduled', publishAt },
      });
      const row = count > 0 ? await prisma.policyVersion.findUnique({ where: { version: number } }) : null;
      return row ? viewOf(row) : undefined;
    },
    unschedule: async (number) => {
      const target = { version: number, state: 'scheduled' };
      const { count } = await prisma.policyVersion.updateMany({
        where: target,
        data: { state: 'draft', publishAt: null },
      });
      const row = count > 0 ? await prisma.policyVersion.findUnique({ where: { version: number } }) : null;
      return row ? viewOf(row) : undefined;
    },
    rollback: async (at) => {
      const wasLive = { state: 'retired', publishedAt: { not: null } };
      const previous = await prisma.policyVersion.findFirst({
        where: wasLive,
        orderBy: { publishedAt: 'desc' },
      });
      return previous ? makeLive(db, previous.version, at) : undefined;
    },
  };
}

/** Policies by version, parsed once: a version never changes. */
function parsedOnce({ pool }: Database): (version: number) => Promise<PolicyDocument | undefined> {
  const parsed = new Map<number, PolicyDocument>();
  return async (version) => {
    const known = parsed.get(version);
    if (known) return known;
    const { rows } = await pool.query<{ text: string }>(
      'SELECT text FROM policy_versions WHERE version = $1',
      [version],
    );
    const row = rows[0];
    if (!row) return undefined;
    const result = parsePolicy(row.text);
    if (!result.ok)
      throw new Error(
        `policy version ${String(version)}: ${result.problems[0]?.message ?? 'does not parse'}`,
      );
    const document = { version, policy: result.policy };
    parsed.set(version, document);
    return document;
  };
}

/** Two editors take turns, so that of two who began with the same version one is told. */
async function saveDraft(
  pool: Database['pool'],
  { text, by, basedOn }: { readonly text: string; readonly by: string; readonly basedOn: number | undefined },
): ReturnType<PolicyStore['saveDraft']> {
  return transaction(pool, async (client) => {
    await client.query('LOCK TABLE policy_versions IN SHARE ROW EXCLUSIVE MODE');
    const newest = await client.query<{ version: number | null }>(
      'SELECT max(version) AS version FROM policy_versions',
    );
    const now = newest.rows[0]?.version ?? 0;
    if (basedOn !== undefined && basedOn !== now) return { kind: 'conflict', newest: now };
    const { rows } = await client.query<{ version: number }>(
      'INSERT INTO policy_versions (text, created_by) VALUES ($1, $2) RETURNING version',
      [text, by],
    );
    return { kind: 'saved', version: rows[0]?.version ?? 0 };
  });
}

/** One transaction: at no moment is there no live policy. */
async function makeLive(
  { prisma, pool }: Database,
  version: number,
  at: IsoInstant,
): Promise<PolicyVersionView | undefined> {
  const found = await transaction(pool, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `SELECT version FROM policy_versions WHERE state = 'live' OR version = $1 ORDER BY version FOR UPDATE`,
      [version],
    );
    if (!rows.some((row) => row.version === version)) return false;
    await client.query(
      `UPDATE policy_versions SET state = 'retired' WHERE state = 'live' AND version <> $1`,
      [version],
    );
    await client.query(`UPDATE policy_versions SET state = 'live', published_at = $2 WHERE version = $1`, [
      version,
      at,
    ]);
    await oweRebase(client);
    return true;
  });
  const row = found ? await prisma.policyVersion.findUnique({ where: { version } }) : null;
  return row ? viewOf(row) : undefined;
}

function viewOf(row: PolicyVersionModel): PolicyVersionView {
  return {
    version: row.version,
    state: row.state as PolicyVersionView['state'],
    createdBy: row.createdBy,
    createdAt: toInstant(row.createdAt.getTime()),
    ...(row.publishAt ? { publishAt: toInstant(row.publishAt.getTime()) } : {}),
    ...(row.publishedAt ? { publishedAt: toInstant(row.publishedAt.getTime()) } : {}),
  };
}
