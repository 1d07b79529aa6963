import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command';
import type { PostgresUser } from './postgres-user';
import { isAlive, listProcesses } from './process-table';
import { StartError } from './start-error';

/** An initialised data directory. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
}

/** The database superuser of an embedded server. */
export const role = 'lead_router';

const majorVersion = '18';

/**
 * Initialises `<DATA_DIR>/postgres/data` on first use. It is made under another name and renamed when complete, so an
 * interrupted first start leaves nothing half-made. The password is generated and kept beside it, mode 0600.
 */
export async function prepareCluster(options: {
  readonly dataDir: string;
  readonly programs: string;
  readonly user: PostgresUser;
  readonly signal?: AbortSignal | undefined;
}): Promise<Cluster> {
  const home = join(options.dataDir, 'postgres');
  const folder = join(home, 'data');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  own(home, options.user);
  const passwordFile = join(home, 'password');
  if (existsSync(folder)) {
    checkVersion(folder);
    if (!existsSync(passwordFile))
      throw new StartError(`${passwordFile} is missing; restore it, or set DATABASE_URL`);
    return { folder, password: readFileSync(passwordFile, 'utf8').trim() };
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  own(passwordFile, options.user);
  const fresh = join(home, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  await initialise(fresh, passwordFile, options);
  renameSync(fresh, folder);
  return { folder, password };
}

async function initialise(
  folder: string,
  passwordFile: string,
  options: { programs: string; user: PostgresUser; signal?: AbortSignal | undefined },
): Promise<void> {
  const { file, args, user } = options.user.command(join(options.programs, 'initdb'), [
    ...['--pgdata', folder, '--username', role, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    // The built-in provider sorts by code point and folds case for all of Unicode, the same on every system.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    '--no-instructions',
  ]);
  const { fault, output } = await runCommand(file, args, {
    timeoutMs: 120_000,
    cwd: '/',
    signal: options.signal,
    ...(user && { user }),
  });
  if (fault === undefined) return;
  const reason = output.split('\n').find((line) => /error|fatal/i.test(line)) ?? fault;
  throw new StartError(`embedded PostgreSQL could not be initialised: ${reason.trim()}`);
}

function own(path: string, { owner }: PostgresUser): void {
  if (owner) chownSync(path, owner.uid, owner.gid);
}

function checkVersion(folder: string): void {
  const found = existsSync(join(folder, 'PG_VERSION'))
    ? readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
    : 'unknown';
  if (found === majorVersion) return;
  throw new StartError(
    `${folder} was written by PostgreSQL ${found}, this release brings ${majorVersion}; move it with pg_dump`,
  );
}

/**
 * Removes a pid file PostgreSQL would stumble over although no server runs here: an empty or damaged one, and one
 * whose pid now belongs to another program. Any other is left for PostgreSQL, which checks shared memory as well.
 */
export function clearStalePidFile(folder: string): void {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const reused = () => {
    const args = listProcesses().find((listed) => listed.pid === pid)?.args;
    return args !== undefined && !args.includes('postgres');
  };
  if (!Number.isInteger(pid) || pid <= 0 || (isAlive(pid) && reused())) rmSync(file);
}
