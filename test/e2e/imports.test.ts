import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Services } from '../../services/embedded';
import { reconcileScheduleId } from '../../workflows/contract';
import { historiesOf } from '../support/history';
import { adminKey, leadWhen, startInstance, type Instance } from '../support/instance';
import { startScratchServers } from '../support/servers';
import { until } from '../support/until';

jest.setTimeout(180_000);

let services: Services;
let dataDir: string;
let instance: Instance;
let connection: Connection;
beforeAll(async () => {
  ({ services, dataDir } = await startScratchServers(['imports']));
  instance = await startInstance({
    namespace: 'imports',
    servers: { databaseUrl: services.databaseUrl, temporalAddress: services.temporalAddress },
  });
  connection = await Connection.connect({ address: services.temporalAddress });
});
afterAll(async () => {
  await connection.close();
  await instance.stop();
  await services.stop();
  rmSync(join(dataDir, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

interface Seen {
  readonly id: string;
  readonly status: string;
  readonly rows?: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly workflowId: string;
  readonly links: { readonly self: string; readonly errors: string };
}

async function send(body: string, query = '', type = 'text/csv'): Promise<Seen> {
  const answer = await instance.call<Seen>('POST', `/v1/imports${query}`, body, { 'content-type': type });
  expect(answer.status).toBe(202);
  return answer.body;
}

const look = async ({ links }: Seen): Promise<Seen> => (await instance.call<Seen>('GET', links.self)).body;

const finished = (sent: Seen): Promise<Seen> =>
  until(
    'the import is finished',
    async () => {
      const seen = await look(sent);
      return seen.status === 'finished' && seen;
    },
    120_000,
  );

const runOf = async (workflowId: string) =>
  (
    await connection.workflowService.describeWorkflowExecution({
      namespace: 'imports',
      execution: { workflowId },
    })
  ).workflowExecutionInfo;

const peopleFile = (name: string, count: number): string =>
  [
    'Vorname;Firma;E-Mail',
    ...Array.from({ length: count }, (_, n) => `P${n};${name} ${n};p${n}@${name}-${n}.example`),
  ].join('\r\n');

test('good lines become leads behind all others, bad ones an error file; the same file again changes nothing', async () => {
  const rows = [
    'Ada;"Example; GmbH";ada@import-a.example',
    'Ben;;not an address',
    '',
    ';Nobody;',
    'Cleo;"C";cleo@import-c.example',
  ];
  const file = ['Vorname;Firma;E-Mail', ...rows].join('\r\n');
  const sent = await send(file, '?source=fair');
  expect(await finished(sent)).toMatchObject({
    source: 'fair',
    rows: 4,
    accepted: 2,
    duplicates: 0,
    failed: 2,
  });
  const faults = await instance.call<string>('GET', sent.links.errors);
  expect(faults.body.split('\r\n').map((row) => row.split(',').slice(0, 2).join(','))).toEqual([
    'line,field',
    '3,"email"',
    '5,"email"',
    '5,"phone"',
    '',
  ]);
  const [ada] = await instance.sql<{ id: string; source: string; fields: object }>(
    `SELECT id, source, fields FROM leads WHERE fields ->> 'email' = 'ada@import-a.example'`,
  );
  expect(ada).toMatchObject({ source: 'fair', fields: { firstName: 'Ada', company: 'Example; GmbH' } });
  await leadWhen(instance, ada!.id, ({ status }) => status === 'assigned');
  expect((await runOf(`lead/${ada!.id}`))?.priority?.priorityKey).toBe(5);
  const history = await historiesOf(instance, [sent.workflowId]);
  expect(history).toContain(JSON.stringify(JSON.stringify({ importId: sent.id })));
  expect(history).not.toMatch(/Ada|import-a|Example/);

  expect(await send(file, '?source=fair')).toMatchObject({ id: sent.id, status: 'finished', accepted: 2 });
  const longer = await send(`${file}\r\nDora;D;dora@import-d.example`, '?source=fair');
  expect(await finished(longer)).toMatchObject({ accepted: 1, duplicates: 2, failed: 2 });
});

test('a worker and a Postgres that die in the middle lose no line and double none', async () => {
  const sent = await send(peopleFile('crash', 150));
  const passed = (count: number): Promise<unknown> =>
    until(
      `${count} lines`,
      async () => {
        const { accepted } = await look(sent);
        return accepted >= count;
      },
      60_000,
    );
  await passed(20);
  instance.kill('worker');
  await instance.start('worker');
  await passed(70);
  process.kill(services.pids.postgres!, 'SIGKILL');
  await delay(1_500).then(() => services.restartPostgres());
  expect(await finished(sent)).toMatchObject({ rows: 150, accepted: 150, duplicates: 0, failed: 0 });
  const [count] = await instance.sql(
    `SELECT count(*)::int AS leads, count(*) FILTER (WHERE progress = 'assigned')::int AS assigned,
       (SELECT count(*)::int FROM timeline t JOIN leads d ON d.id = t.lead_id
        WHERE d.fields ->> 'email' LIKE '%@crash-%' AND t.what = 'repeat_touch') AS repeats
     FROM leads WHERE fields ->> 'email' LIKE '%@crash-%'`,
  );
  expect(count).toEqual({ leads: 150, assigned: 150, repeats: 0 });
  expect((await instance.call('GET', '/v1/accounting')).body).toMatchObject({ balanced: true });
});

test('a live lead has its owner while a file is taken in, of which few leads are under way at once', async () => {
  const sent = await send(peopleFile('bound', 200));
  await until('the import has begun', async () => (await look(sent)).accepted > 10);
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: 'live@while-importing.example',
  });
  const most: number[] = [];
  const owner = leadWhen(instance, body.id, ({ status }) => status === 'assigned');
  for (let look_ = 0; look_ < 10; look_ += 1) {
    const [row] = await instance.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM leads WHERE progress IN ('received', 'identified') AND id <> $1`,
      [body.id],
    );
    most.push(row!.n);
  }
  await owner;
  expect((await look(sent)).status).toBe('running');
  expect(Math.max(...most)).toBeLessThanOrEqual(4);
  const cancelled = await instance.call<Seen>('POST', `${sent.links.self}/cancel`);
  expect(cancelled.body.status).toBe('cancelled');
  await until('its run has ended', async () => Number((await runOf(sent.workflowId))?.status) === 2);
  const { accepted } = await look(sent);
  expect(accepted).toBeLessThan(200);
});

test('a file that came while Temporal was away is taken in when it is back', async () => {
  process.kill(services.pids.temporal!, 'SIGKILL');
  const sent = await send(peopleFile('away', 3));
  await services.restartTemporal();
  const schedule = new Client({ connection, namespace: 'imports' }).schedule.getHandle(
    `${reconcileScheduleId}-waiting`,
  );
  await until(
    'the reconciliation has seen it',
    async () => {
      await schedule.trigger();
      await delay(1_000);
      return (await look(sent)).status === 'finished';
    },
    90_000,
  );
  expect(await look(sent)).toMatchObject({ accepted: 3 });
});

test('a lead of a file whose run was lost gets another one behind all others', async () => {
  await finished(await send(peopleFile('lost', 1)));
  const [lead] = await instance.sql<{ id: string }>(
    `SELECT id FROM leads WHERE fields ->> 'email' = 'p0@lost-0.example'`,
  );
  await leadWhen(instance, lead!.id, ({ status }) => status === 'assigned');
  const runId = (await runOf(`lead/${lead!.id}`))?.execution?.runId;
  const client = new Client({ connection, namespace: 'imports' });
  await client.workflow.getHandle(`lead/${lead!.id}`).terminate('lost');
  await client.schedule.getHandle(`${reconcileScheduleId}-all`).trigger();
  const again = await until('it has another run', async () => {
    const run = await runOf(`lead/${lead!.id}`);
    return run?.execution?.runId === runId ? undefined : (run ?? undefined);
  });
  expect(again.priority?.priorityKey).toBe(5);
});

test('npm run import sends a file, shows how far it is, and writes the lines that failed beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lead-router-import-'));
  const file = join(folder, 'people.csv');
  writeFileSync(file, 'Wer;Adresse\nEva;eva@command.example\nNobody;none\n');
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: instance.databaseUrl,
    TEMPORAL_ADDRESS: instance.temporalAddress,
    DATA_DIR: folder,
    PORT: new URL(instance.url).port,
    ADMIN_KEY: adminKey,
  };
  const args = [
    join(__dirname, '../../dist/bench/import.js'),
    file,
    '--map',
    'email=Adresse',
    '--map',
    'lastName=Wer',
  ];
  const run = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, args, { env }, (error, _out, said) => {
      resolve({ code: error?.code ?? 0, said });
    });
  });
  expect(run).toMatchObject({
    code: 1,
    said: expect.stringContaining('finished: 1 accepted, 0 known before, 1 no leads'),
  });
  expect(readFileSync(`${file}.errors.csv`, 'utf8')).toContain('3,"email"');
  rmSync(folder, { recursive: true });
});
