import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { runCommand } from './command';
import { StartError } from './start-error';

/** How to run PostgreSQL programs: directly, or as an unprivileged user when we are root. */
export interface PostgresUser {
  /** Owner the data directory must have; undefined leaves it as it is. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The command line that runs `file` as that user; the pid stays the program's own. */
  command(
    file: string,
    args: readonly string[],
  ): { file: string; args: readonly string[]; user?: { uid: number; gid: number } };
}

const account = 'postgres';

/**
 * PostgreSQL refuses to run as root, so root hands over to the account `postgres`, created when missing.
 *
 * That account must reach the programs and the data. Where a folder above them is closed to others (a checkout in
 * `mktemp -d`, or under /root) it gets one capability, CAP_DAC_OVERRIDE, through util-linux' setpriv. The secure bit is
 * needed because PostgreSQL checks its own binary with access(2), which drops the capabilities of non-root users.
 * @throws StartError saying what to do when there is no such way.
 */
export async function choosePostgresUser(paths: readonly string[]): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { command: (file, args) => ({ file, args }) };
  const owner = await accountIds();
  const closed = paths.map((path) => closedFolder(path, owner.uid)).find((folder) => folder !== undefined);
  if (closed === undefined) return { owner, command: (file, args) => ({ file, args, user: owner }) };
  const prefix = [
    ...[
      '--securebits',
      '+no_setuid_fixup',
      '--reuid',
      String(owner.uid),
      '--regid',
      String(owner.gid),
      '--clear-groups',
    ],
    ...['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--'],
  ];
  const { fault } = await runCommand('setpriv', [...prefix, 'true'], { timeoutMs: 5_000 });
  if (fault !== undefined) {
    throw new StartError(
      `embedded PostgreSQL does not run as root, and the account "${account}" cannot enter ${closed} (setpriv: ${fault}); ` +
        `run as an ordinary user, or chmod o+x ${closed}, or set DATABASE_URL`,
    );
  }
  return { owner, command: (file, args) => ({ file: 'setpriv', args: [...prefix, file, ...args] }) };
}

async function accountIds(): Promise<{ uid: number; gid: number }> {
  const existing = await lookUp();
  if (existing) return existing;
  const { fault } = await runCommand('useradd', ['--system', '--user-group', '--no-create-home', account], {
    timeoutMs: 10_000,
  });
  const created = fault === undefined ? await lookUp() : undefined;
  if (created) return created;
  throw new StartError(
    `embedded PostgreSQL does not run as root, and the account "${account}" could not be created ` +
      `(useradd: ${fault ?? 'no effect'}); create it, run as an ordinary user, or set DATABASE_URL`,
  );
}

async function lookUp(): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => await runCommand('id', [flag, account], { timeoutMs: 5_000 })),
  );
  if (!uid || !gid || uid.fault !== undefined || gid.fault !== undefined) return undefined;
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

/** The first folder above `path` that others may not enter; ACLs are not looked at, the capability covers them too. */
function closedFolder(path: string, uid: number): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat && stat.uid !== uid && (stat.mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
