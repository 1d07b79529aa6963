import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { startFakeCrm, type FakeCrm } from '../../connectors/crm/fake';
import type { Services } from '../../services/embedded';
import { processesIn } from '../../services/process-table';
import { reconcileScheduleId } from '../../workflows/contract';
import { historiesOf } from '../support/history';
import { startInstance, type Instance } from '../support/instance';
import { startScratchServers } from '../support/servers';
import { until } from '../support/until';

// In production each of these dies sooner or later; what was answered with 202 must come out the other end exactly once.
jest.setTimeout(300_000);

const secret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
let services: Services;
let dataDir: string;
let crm: FakeCrm;
let instance: Instance;

beforeAll(async () => {
  ({ services, dataDir } = await startScratchServers(['chaos']));
  crm = await startFakeCrm({ secret });
  instance = await startInstance({
    namespace: 'chaos',
    env: { CRM: 'http', CRM_HTTP_URL: crm.url, CRM_HTTP_SECRET: secret },
    servers: { databaseUrl: services.databaseUrl, temporalAddress: services.temporalAddress },
  });
});
afterAll(async () => {
  await instance.stop();
  await crm.close();
  await services.stop();
  rmSync(join(dataDir, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Sends leads like a webhook sender: the same one again until it has a 2xx. */
async function send(round: string, count: number, during: (sent: number) => void): Promise<string[]> {
  const accepted: string[] = [];
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      during(n);
      const lead = { firstName: `P${n}`, email: `p${n}@${round}-${n}.example`, externalId: `${round}-${n}` };
      const id = await until(
        `acceptance of ${round} ${n}`,
        async () => {
          const answer = await instance.call<{ id: string }>('POST', '/v1/leads', lead);
          if (answer.status >= 500 && answer.status !== 503) throw new Error(`status ${answer.status}`);
          return answer.status === 202 && answer.body.id;
        },
        60_000,
      );
      accepted.push(id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, sender));
  return accepted;
}

/** What is known of the leads that did not come out, for the message of a failure. */
async function unsettled(ids: readonly string[]): Promise<string> {
  const rows = await instance.sql<{ id: string; progress: string }>(
    `SELECT l.id, l.progress, l.received_at, (SELECT json_agg(t.what ORDER BY t.id) FROM timeline t WHERE t.lead_id = l.id) AS timeline
     FROM unnest($1::text[]) AS wanted(id) LEFT JOIN leads l ON l.id = wanted.id
     WHERE l.id IS NULL OR NOT EXISTS (SELECT FROM crm_links c WHERE c.lead_id = l.id) LIMIT 5`,
    [ids],
  );
  const connection = await Connection.connect({ address: services.temporalAddress });
  const runs = await Promise.all(
    rows
      .flatMap(({ id }) => [`lead/${id}`, `accept/${id}`])
      .map(async (workflowId) => {
        const run = await connection.workflowService
          .describeWorkflowExecution({ namespace: 'chaos', execution: { workflowId } })
          .catch((error: unknown) => String(error));
        const known =
          typeof run === 'string'
            ? run
            : {
                status: run.workflowExecutionInfo?.status,
                length: run.workflowExecutionInfo?.historyLength,
                pending: run.pendingActivities,
                task: run.pendingWorkflowTask,
              };
        return `${workflowId}: ${JSON.stringify(known)}`;
      }),
  );
  await connection.close();
  return `${JSON.stringify(rows)}\n${runs.join('\n')}`;
}

async function settled(ids: readonly string[]): Promise<void> {
  const count = async (): Promise<number> => {
    const rows = await instance.sql<{ id: string }>(
      `SELECT l.id FROM leads l JOIN crm_links c ON c.lead_id = l.id WHERE l.id = ANY ($1) AND l.progress = 'assigned'`,
      [ids],
    );
    return rows.length;
  };
  await until(
    'every accepted lead assigned and in the CRM',
    async () => (await count()) === ids.length,
    150_000,
  ).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${await count()} of ${ids.length}\n${await unsettled(ids)}`);
  });
  for (const id of ids) expect(crm.counts.creates.get(id)).toBe(1);
  expect(instance.alive()).toEqual({ api: true, worker: true });
  const owners = await instance.sql<{ n: number }>(
    'SELECT count(*)::int AS n FROM assignments WHERE lead_id = ANY ($1) GROUP BY lead_id HAVING count(*) > 1',
    [ids],
  );
  expect(owners).toEqual([]);
  const { body } = await instance.call<{ balanced: boolean; inFlight: number }>('GET', '/v1/accounting');
  expect(body).toMatchObject({ balanced: true });
}

/** A killed server's children may answer for another moment; what they commit is durable, but not what is tested here. */
const gone = (server: 'postgres' | 'temporal'): Promise<unknown> =>
  until(`${server} away`, async () => {
    const { body } = await instance.call<{ postgres: boolean; temporal: boolean }>('GET', '/readyz');
    return !body[server];
  });

const victims = {
  worker: () => {
    instance.kill('worker');
    return instance.start('worker');
  },
  api: () => {
    instance.kill('api');
    return instance.start('api');
  },
  Temporal: () => {
    process.kill(services.pids.temporal!, 'SIGKILL');
    return delay(1_500).then(() => services.restartTemporal());
  },
  Postgres: () => {
    process.kill(services.pids.postgres!, 'SIGKILL');
    return delay(1_500).then(() => services.restartPostgres());
  },
};

test.each(['worker', 'api', 'Temporal', 'Postgres'] as const)(
  '%s killed with -9 while 300 leads come in: every accepted lead is settled, once',
  async (victim) => {
    let restart: Promise<unknown> | undefined;
    const ids = await send(victim.toLowerCase(), 300, (n) => {
      if (n === 120) restart = victims[victim]();
    });
    await restart;
    expect(new Set(ids).size).toBe(300);
    await settled(ids);
  },
);

test('with Postgres away a lead is accepted by Temporal and written back; its holder is forgotten', async () => {
  process.kill(services.pids.postgres!, 'SIGKILL');
  await gone('postgres');
  const lead = { firstName: 'Held', email: 'held@while-away.example' };
  const first = await until('acceptance', async () => {
    const answer = await instance.call<{ id: string }>('POST', '/v1/leads', lead);
    return answer.status === 202 && answer.body.id;
  });
  expect((await instance.call<{ id: string }>('POST', '/v1/leads', lead)).body.id).toBe(first);
  const connection = await Connection.connect({ address: services.temporalAddress });
  const client = new Client({ connection, namespace: 'chaos' });
  const holder = { namespace: 'chaos', execution: { workflowId: `accept/${first}` } };
  const history = await historiesOf({ temporalAddress: services.temporalAddress, namespace: 'chaos' }, [
    `accept/${first}`,
  ]);
  expect(history).toMatch(/\\"sealed\\"/);
  expect(history).not.toMatch(/Held|while-away/);
  // the server ends a history that is full, and this one has the only copy of the lead: tries must not add to it
  const lengthAfter = (tries: number) =>
    until(`${String(tries)} tries`, async () => {
      const run = await connection.workflowService.describeWorkflowExecution(holder);
      const tried = run.pendingActivities?.[0]?.attempt ?? 0;
      return tried >= tries && Number(run.workflowExecutionInfo?.historyLength);
    });
  const lengthBefore = await lengthAfter(1);
  expect(await lengthAfter(5)).toBe(lengthBefore);
  // one that is lost all the same is made good by the sender
  await client.workflow.getHandle(`accept/${first}`).terminate('by a test');
  expect((await instance.call('POST', '/v1/leads', lead)).status).toBe(202);
  const again = await connection.workflowService.describeWorkflowExecution(holder);
  expect(again.workflowExecutionInfo?.status).toBe(1); // running
  await services.restartPostgres();
  await settled([first]);
  const schedule = client.schedule.getHandle(`${reconcileScheduleId}-waiting`);
  const deleted = (): Promise<boolean> =>
    connection.workflowService.describeWorkflowExecution(holder).then(
      () => false,
      (error: unknown) => isGrpcServiceError(error) && error.details.includes('not found'),
    );
  // the Schedule comes every minute; one that looked a moment too early is followed by the next
  await until(
    'the holder is deleted',
    async () => {
      await schedule.trigger();
      return until('this time', deleted, 5_000);
    },
    120_000,
  );
  await connection.close();
});

// A frozen host neither answers nor refuses: no error comes, only silence.
test('with Postgres silent a lead is accepted by Temporal all the same, and comes out when it speaks again', async () => {
  const frozen = processesIn(join(dataDir, 'postgres', 'data'));
  expect(frozen).toContain(services.pids.postgres);
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  const ids = await Promise.all(
    Array.from({ length: 5 }, async (_each, n) => {
      const answer = await instance.call<{ id: string }>('POST', '/v1/leads', {
        email: `kept@silence-${n}.example`,
      });
      expect(answer.status).toBe(202);
      return answer.body.id;
    }),
  ).finally(() => {
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
  });
  await settled(ids);
});

test('with neither Postgres nor Temporal a lead is refused with 503 and Retry-After', async () => {
  process.kill(services.pids.postgres!, 'SIGKILL');
  process.kill(services.pids.temporal!, 'SIGKILL');
  await Promise.all([gone('postgres'), gone('temporal')]);
  await until('refusal', async () => {
    const answer = await instance.call('POST', '/v1/leads', { email: 'nowhere@to-go.example' });
    return answer.status === 503 && Number(answer.headers.get('retry-after')) > 0;
  });
  await Promise.all([services.restartPostgres(), services.restartTemporal()]);
  await until(
    'acceptance again',
    async () => (await instance.call('POST', '/v1/leads', { email: 'nowhere@to-go.example' })).status === 202,
  );
});

test('with Temporal away leads are accepted and started in order of arrival when it is back', async () => {
  process.kill(services.pids.temporal!, 'SIGKILL');
  await gone('temporal');
  const ids: string[] = [];
  for (let n = 0; n < 20; n += 1) {
    const answer = await instance.call<{ id: string }>('POST', '/v1/leads', {
      email: `queue@order-${n}.example`,
    });
    expect(answer.status).toBe(202);
    ids.push(answer.body.id);
  }
  await services.restartTemporal();
  await settled(ids);
  const connection = await Connection.connect({ address: services.temporalAddress });
  const started = await Promise.all(
    ids.map(async (id) => {
      const run = await connection.workflowService.describeWorkflowExecution({
        namespace: 'chaos',
        execution: { workflowId: `lead/${id}` },
      });
      const { seconds, nanos } = run.workflowExecutionInfo!.startTime!;
      return Number(seconds) * 1_000 + (nanos ?? 0) / 1e6;
    }),
  );
  await connection.close();
  expect(started).toEqual([...started].sort((a, b) => a - b));
});
