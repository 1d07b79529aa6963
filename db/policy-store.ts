import type { PolicyDocument, PolicyStore, PolicyVersionView } from '../activities/ports';
import { toInstant } from '../domain/instant';
import { parsePolicy } from '../policy/parse';
import { transaction, type Database } from './client';
import type { PolicyVersionModel } from './generated/models';

/** How long a process may go on with the live version it knows after another process published a newer one. */
const liveForMs = 1_000;

/** Policies by version, parsed once; a version that was live never changes, so it is kept. */
export function createPolicyStore({ prisma, pool }: Database, now: () => number): PolicyStore {
  const parsed = new Map<number, PolicyDocument>();
  let live: { readonly version: number; readonly at: number } | undefined;

  const version = async (number: number): Promise<PolicyDocument | undefined> => {
    const known = parsed.get(number);
    if (known) return known;
    const row = await prisma.policyVersion.findUnique({ where: { version: number } });
    if (!row) return undefined;
    const result = parsePolicy(row.text);
    if (!result.ok) throw new Error(`policy version ${String(number)} does not parse: ${result.problems[0]?.message ?? 'unknown'}`);
    const document = { version: number, policy: result.policy };
    parsed.set(number, document);
    return document;
  };

  /** One transaction: at no moment is there no live policy. */
  const move = async (to: number, at: string): Promise<PolicyVersionView | undefined> => {
    const moved = await transaction(pool, async (client) => {
      const { rows } = await client.query<{ version: number }>(
        `SELECT version FROM policy_versions WHERE state = 'live' OR version = $1 ORDER BY version FOR UPDATE`,
        [to],
      );
      if (!rows.some(({ version: found }) => found === to)) return false;
      await client.query(`UPDATE policy_versions SET state = 'retired' WHERE state = 'live' AND version <> $1`, [to]);
      await client.query(`UPDATE policy_versions SET state = 'live', published_at = $2 WHERE version = $1`, [to, at]);
      return true;
    });
    live = undefined;
    const row = moved ? await prisma.policyVersion.findUnique({ where: { version: to } }) : null;
    return row ? viewOf(row) : undefined;
  };

  return {
    version,
    live: async () => {
      if (!live || now() - live.at > liveForMs) {
        const row = await prisma.policyVersion.findFirst({ where: { state: 'live' }, select: { version: true } });
        live = row ? { version: row.version, at: now() } : undefined;
      }
      return live && version(live.version);
    },
    saveDraft: async (text, by) => (await prisma.policyVersion.create({ data: { text, createdBy: by } })).version,
    text: async (number) => (await prisma.policyVersion.findUnique({ where: { version: number }, select: { text: true } }))?.text,
    versions: async () => (await prisma.policyVersion.findMany({ orderBy: { version: 'desc' }, take: 200 })).map(viewOf),
    publish: move,
    schedule: async (number, publishAt) => {
      const { count } = await prisma.policyVersion.updateMany({ where: { version: number, state: { not: 'live' } }, data: { state: 'scheduled', publishAt } });
      const row = count > 0 ? await prisma.policyVersion.findUnique({ where: { version: number } }) : null;
      return row ? viewOf(row) : undefined;
    },
    rollback: async (at) => {
      const previous = await prisma.policyVersion.findFirst({ where: { state: 'retired', publishedAt: { not: null } }, orderBy: { publishedAt: 'desc' } });
      return previous ? move(previous.version, at) : undefined;
    },
  };
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
