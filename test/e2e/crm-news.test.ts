import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakePipedrive, type FakePipedrive } from '../../connectors/crm/fake-pipedrive';
import { leadWhen, startInstance, adminKey, type Instance } from '../support/instance';
import { until } from '../support/until';

const policy = readFileSync(join(__dirname, '../../examples/policy.yaml'), 'utf8');
const reps = [...policy.matchAll(/id: (\S+), [^\n]*email: (\S+@[\w.-]+)/g)].map(
  ([, id = '', email = ''], n) => ({
    id,
    email,
    user: 500 + n,
  }),
);
let crm: FakePipedrive;
let instance: Instance;

beforeAll(async () => {
  crm = await startFakePipedrive({ users: Object.fromEntries(reps.map(({ email, user }) => [email, user])) });
  instance = await startInstance({
    namespace: 'crm-news',
    // Asked every 5 minutes unless it calls, as it comes.
    env: {
      CRM: 'pipedrive',
      PIPEDRIVE_URL: crm.url,
      PIPEDRIVE_TOKEN: crm.token,
      CRM_WRITES_PER_SECOND: '50',
    },
  });
});
afterAll(async () => {
  await instance.stop();
  await crm.close();
});

test('a CRM that is asked every few minutes only is heard within 2 s when it calls', async () => {
  const leads = await Promise.all(
    Array.from({ length: 10 }, async (_each, n) => {
      const fields = { email: `called${String(n)}@called${String(n)}.example`, country: 'US' };
      const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', fields);
      return leadWhen(instance, body.id, ({ crm: link, owner }) => !!link && !!owner);
    }),
  );
  const basic = `Basic ${Buffer.from(`pipedrive:${adminKey}`).toString('base64')}`;
  const tookMs: number[] = [];
  for (const { id, owner, crm: link } of leads) {
    const next = reps.find((rep) => rep.id !== owner?.id)!;
    const changedAt = Date.now();
    crm.change(link!.externalId, next.user);
    const called = await instance.call('POST', '/v1/crm/news', { any: 'thing' }, { authorization: basic });
    expect(called.status).toBe(202);
    tookMs.push(
      await until('heard', async () => {
        const [row] = await instance.sql<{ at: Date }>(
          `SELECT at FROM timeline WHERE what = 'crm_changed' AND lead_id = $1`,
          [id],
        );
        return row && row.at.getTime() - changedAt;
      }),
    );
    await leadWhen(instance, id, (lead) => lead.owner?.id === next.id);
  }
  const slowest = Math.max(...tookMs);
  console.info(`call of the CRM to the lead: slowest of ${String(tookMs.length)} ${String(slowest)} ms`);
  expect(slowest).toBeLessThanOrEqual(2_000);
});
