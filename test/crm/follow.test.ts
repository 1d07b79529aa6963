import { setTimeout as delay } from 'node:timers/promises';
import { policyText } from '../support/distribution';
import { followP95 } from '../support/follow-times';
import { leadWhen, publishPolicy, startInstance, type Instance } from '../support/instance';
import { tryton } from './server';

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance({
    namespace: 'crm-sync',
    env: {
      CRM: 'tryton',
      TRYTON_URL: tryton.url,
      TRYTON_KEY: tryton.key,
      TRYTON_COMPANY: String(tryton.company),
    },
  });
  await publishPolicy(instance, policyText({ pool: 'members: { anna: 1, ben: 1 }' }));
});
afterAll(() => instance.stop());

/** A lead with an owner, and its opportunity. */
async function written(name: string): Promise<{ readonly id: string; readonly opportunity: string }> {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    firstName: name,
    email: `${name}@${name}.example.com`,
  });
  const { crm } = await leadWhen(instance, body.id, ({ crm: link, owner }) => !!link && !!owner);
  return { id: body.id, opportunity: crm!.externalId };
}

test('what people change in Tryton reaches the lead within 2 s, at the pace of the default', async () => {
  const leads: Awaited<ReturnType<typeof written>>[] = [];
  // One after the other: on SQLite, Tryton gives two parties that are made at once the same code.
  for (let n = 0; n < 30; n += 1) leads.push(await written(`lead${String(n)}-${String(Date.now())}`));
  const changedAt = new Map<string, number>();
  for (const { id, opportunity } of leads) {
    const answer = await fetch(`${tryton.url}/rest/model/sale.opportunity/${opportunity}/opportunity`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tryton.key}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.ok).toBe(true);
    changedAt.set(id, Date.now());
    // Spread over the seconds, so that they do not all fall into the same moment between two questions.
    await delay(237);
  }
  expect(await followP95(instance, changedAt)).toBeLessThanOrEqual(2_000);
});
