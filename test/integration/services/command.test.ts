import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { processesOf, runMain, sharedDataDir, until, type Command } from './scratch';

const dataDir = sharedDataDir();

const services = () => runMain('services/main.js', { DATA_DIR: dataDir() });

async function ready(command: Command): Promise<string> {
  await until('ready', () => command.stdout().endsWith('ready\n') || command.process.exitCode !== null);
  return /^DATABASE_URL=(.+)$/m.exec(command.stdout())?.[1] ?? `${command.stdout()}${command.stderr()}`;
}

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test('an owner killed -9 leaves servers behind; the next start takes over with data and URL intact', async () => {
  const first = services();
  const url = await ready(first);
  await query(url, 'create table kept as select 42 as answer');
  first.process.kill('SIGKILL');
  await first.ended;
  const orphans = processesOf(dataDir()).map(({ pid }) => pid);
  expect(orphans.length).toBeGreaterThanOrEqual(2);

  const second = services();
  expect(await ready(second)).toBe(url);
  expect(await query(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  const pids = processesOf(dataDir()).map(({ pid }) => pid);
  expect(pids.filter((pid) => orphans.includes(pid))).toEqual([]);

  const third = services();
  expect(await third.ended).toBe(1);
  expect(third.stderr()).toBe(
    `DATA_DIR ${dataDir()} is in use by process ${String(second.pid)}; stop it or set another DATA_DIR\n`,
  );

  second.process.kill('SIGTERM');
  const fourth = services(); // started while the second still stops: waits for it
  expect(await second.ended).toBe(0);
  expect(await ready(fourth)).toBe(url);
  fourth.process.kill('SIGINT');
  expect(await fourth.ended).toBe(0);
  expect(processesOf(dataDir())).toEqual([]);
}, 60_000);

test.each([
  ['empty', ''],
  ['damaged', 'x\ny\n'],
  ['left by a program whose pid is now another one', `${String(process.pid)}\n`],
])(
  'a postmaster.pid that is %s does not stop a start',
  async (_what, text) => {
    writeFileSync(join(dataDir(), 'postgres', 'data', 'postmaster.pid'), text);
    writeFileSync(join(dataDir(), 'ports.json'), text);
    const command = services();
    expect(await ready(command)).toMatch(/^postgresql:/);
    command.process.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  },
  30_000,
);

test('a signal during the start ends it cleanly', async () => {
  const command = services();
  await until('PostgreSQL is being started', () => command.stdout().includes('starting PostgreSQL'));
  command.process.kill('SIGTERM');
  expect(await command.ended).toBe(130);
  expect(processesOf(dataDir())).toEqual([]);
}, 30_000);

test('bad variables are one line and exit code 1', async () => {
  const bad = runMain('services/main.js', { DATA_DIR: dataDir(), DATABASE_URL: 'mysql://x' });
  expect(await bad.ended).toBe(1);
  expect(bad.stderr()).toMatch(/^DATABASE_URL: [^\n]+\n$/);
  const below = join(dataDir(), 'ports.json', 'data');
  const unwritable = runMain('services/main.js', { DATA_DIR: below });
  expect(await unwritable.ended).toBe(1);
  expect(unwritable.stderr()).toMatch(/^DATA_DIR \S+ cannot be written: [^\n]+\n$/);
}, 20_000);

test('a key that cannot be written leaves nothing that looks like one', () => {
  const keyDir = join(dataDir(), 'keys');
  const keys = join(__dirname, '../../../dist/config/keys.js');
  const load = (limit: string) =>
    spawnSync(
      'sh',
      [
        '-c',
        `ulimit -f ${limit}; exec "$0" -e 'require(process.argv[1]).loadInstanceKey({ DATA_DIR: process.argv[2] })' "$1" "$2"`,
        process.execPath,
        keys,
        keyDir,
      ],
      { encoding: 'utf8' },
    );
  expect(load('0').status).not.toBe(0); // no byte more, as on a full disk
  expect(readdirSync(keyDir)).toEqual([]);
  expect(load('unlimited')).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(keyDir)).toEqual(['encryption.key']);
  expect(statSync(join(keyDir, 'encryption.key')).mode & 0o777).toBe(0o600);
});

test('npm start refuses a port in use before it starts anything', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = String(typeof address === 'object' && address ? address.port : 0);
  const command = runMain('services/start.js', { DATA_DIR: dataDir(), PORT: port });
  expect(await command.ended).toBe(1);
  expect(command.stderr()).toBe(`PORT ${port} is in use by another program; set PORT=… or stop it\n`);
  expect(command.stdout()).toBe('');
  server.close();
}, 20_000);
