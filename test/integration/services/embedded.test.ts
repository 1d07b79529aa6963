import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { startServices, type ServiceName, type Services } from '../../../services/embedded';
import { searchAttributeNames } from '../../../services/search-attributes';
import { removeScratch, processesOf, runMain, scratchDataDir, until } from './scratch';

let dataDir: string;
let otherDir: string;
let services: Services;
const deaths: ServiceName[] = [];

beforeAll(async () => {
  [dataDir, otherDir] = [await scratchDataDir(), await scratchDataDir()];
  const onDeath = (name: ServiceName) => deaths.push(name);
  services = await startServices({ dataDir, namespaces: ['extra'], log: () => undefined, onDeath });
}, 60_000);
afterAll(async () => {
  await services.stop();
  const left = processesOf(dataDir);
  removeScratch(dataDir);
  removeScratch(otherDir);
  expect(left).toEqual([]);
}, 60_000);

async function query(databaseUrl: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function temporal<T>(address: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

test('the database is durable, UTF-8, in UTC, and the extensions we use are there', async () => {
  const [row] = await query(
    services.databaseUrl,
    `select current_setting('server_version_num')::int / 10000 as major, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('timezone') as zone, lower('ÄÉ') as folded,
       (select count(*)::int from pg_available_extensions where name in ('pg_trgm', 'fuzzystrmatch', 'unaccent')) as extensions`,
  );
  expect(row).toEqual({ major: 18, fsync: 'on', commit: 'on', zone: 'UTC', folded: 'äé', extensions: 3 });
});

test.each(['default', 'extra'])('namespace %s has our search attributes', async (namespace) => {
  const names = await temporal(
    services.temporalAddress,
    async (c) => await searchAttributeNames(c, namespace),
  );
  expect([...names]).toEqual(expect.arrayContaining(['LeadStatus', 'LeadOwner', 'LeadDueAt']));
});

test('a directory in use is refused, and what runs there is left alone', async () => {
  const before = services.pids;
  await expect(startServices({ dataDir, log: () => undefined })).rejects.toThrow(/is in use by process \d+/);
  expect(await query(services.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(services.pids).toEqual(before);
});

test('two instances with directories of their own run side by side', async () => {
  const other = await startServices({ dataDir: otherDir, log: () => undefined });
  try {
    expect(other.databaseUrl).not.toBe(services.databaseUrl);
    expect(other.temporalAddress).not.toBe(services.temporalAddress);
    expect(await query(other.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    await other.stop();
  }
  expect(processesOf(otherDir)).toEqual([]);
}, 30_000);

test('PostgreSQL killed -9 comes back with its data on its port', async () => {
  await query(services.databaseUrl, 'create table kept as select 42 as answer');
  const { postgres } = services.pids;
  process.kill(postgres ?? 0, 'SIGKILL');
  await until('the death is reported', () => deaths.includes('postgres'));
  await services.restartPostgres();
  expect(services.pids.postgres).not.toBe(postgres);
  expect(await query(services.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
}, 30_000);

test('Temporal killed -9 comes back with its data on its port', async () => {
  const { temporalAddress: address } = services;
  const start = { namespace: 'default', workflowId: 'kept', requestId: 'kept', identity: 'test' };
  const request = { ...start, workflowType: { name: 'none' }, taskQueue: { name: 'nobody' } };
  await temporal(address, async (c) => await c.workflowService.startWorkflowExecution(request));
  process.kill(services.pids.temporal ?? 0, 'SIGKILL');
  await until('the death is reported', () => deaths.includes('temporal'));
  await services.restartTemporal();
  const found = await temporal(
    address,
    async (c) =>
      await c.workflowService.describeWorkflowExecution({
        namespace: 'default',
        execution: { workflowId: 'kept' },
      }),
  );
  expect(found.workflowExecutionInfo?.execution?.workflowId).toBe('kept');
}, 30_000);

test.each([
  [
    'a wrong password',
    (url: URL) => {
      url.password = 'sesame';
    },
    /^DATABASE_URL: wrong password for user lead_router at 127\.0\.0\.1:\d+$/,
  ],
  [
    'an unknown database',
    (url: URL) => {
      url.pathname = '/nowhere';
    },
    /^DATABASE_URL: database nowhere does not exist at 127\.0\.0\.1:\d+$/,
  ],
  [
    'a port where nothing listens',
    (url: URL) => {
      url.port = '1';
    },
    /^DATABASE_URL: cannot reach 127\.0\.0\.1:1: [^\n]+$/,
  ],
  [
    'a certificate that is not there',
    (url: URL) => {
      url.searchParams.set('sslrootcert', '/missing.pem');
    },
    /^DATABASE_URL: cannot be used: [^\n]+missing\.pem'$/,
  ],
])('DATABASE_URL with %s is one clear line without the password', async (_what, change, expected) => {
  const url = new URL(services.databaseUrl);
  change(url);
  const { temporalAddress } = services;
  const attempt = startServices({
    dataDir: otherDir,
    databaseUrl: url.href,
    temporalAddress,
    log: () => undefined,
  });
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error?.message).toMatch(expected);
  expect(error?.message).not.toContain(url.password);
});

test('npm start on a database in which nothing may be made is one clear line', async () => {
  await query(services.databaseUrl, `create role guest login password 'guest'`);
  await query(services.databaseUrl, 'create database bare');
  const url = new URL(services.databaseUrl);
  Object.assign(url, { username: 'guest', password: 'guest', pathname: '/bare' });
  const start = runMain('services/start.js', {
    DATA_DIR: otherDir,
    DATABASE_URL: url.href,
    TEMPORAL_ADDRESS: services.temporalAddress,
    PORT: '0',
  });
  expect([await start.ended, start.stderr()]).toEqual([
    1,
    'DATABASE_URL: the database cannot be prepared: permission denied for schema public\n',
  ]);
}, 30_000);

test('servers of the user are verified and not touched', async () => {
  const { databaseUrl, temporalAddress } = services;
  const given = await startServices({
    dataDir: otherDir,
    databaseUrl,
    temporalAddress,
    log: () => undefined,
  });
  expect(given).toMatchObject({ databaseUrl, temporalAddress, temporalUiUrl: undefined, pids: {} });
  await given.stop();
  expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('TEMPORAL_ADDRESS where nothing listens, or without the namespace, is one clear line', async () => {
  const { databaseUrl, temporalAddress } = services;
  const start = async (address: string, env: NodeJS.ProcessEnv) =>
    await startServices({
      dataDir: otherDir,
      databaseUrl,
      temporalAddress: address,
      env,
      log: () => undefined,
    });
  await expect(start('127.0.0.1:1', {})).rejects.toThrow(
    /^TEMPORAL_ADDRESS: cannot reach 127\.0\.0\.1:1: [^\n]+$/,
  );
  await expect(start(temporalAddress, { TEMPORAL_NAMESPACE: 'nowhere' })).rejects.toThrow(
    `TEMPORAL_NAMESPACE: namespace nowhere does not exist at ${temporalAddress}`,
  );
}, 20_000);
