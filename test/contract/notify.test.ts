import { Webhook } from 'standardwebhooks';
import type { NotifyPort } from '../../activities/ports-vendors';
import { deriveLeadId } from '../../domain/ids';
import type { FakeFault } from '../../connectors/fake-server';
import {
  startFakePagerDuty,
  startFakeReceiver,
  startFakeSlack,
  startFakeTeams,
} from '../../connectors/notify/fake';
import { createLogNotifier } from '../../connectors/notify/log';
import { createPagerDutyNotifier } from '../../connectors/notify/pagerduty';
import { createSlackNotifier } from '../../connectors/notify/slack';
import { createTeamsNotifier } from '../../connectors/notify/teams';
import { createWebhookNotifier } from '../../connectors/notify/webhook';
import { clock, faultCodes, hastyMs, notification, patient, personal, secret } from './examples';
import { notifyContract, type NotifyHarness } from './notify.contract';
import { startRecorder } from './recorder';

interface Faulty {
  readonly failNext: (fault: FakeFault) => void;
  readonly close: () => Promise<void>;
}

function faultsOf(fake: Faulty, hasty: NotifyPort): NotifyHarness['faults'] {
  return [
    ...faultCodes.map(([name, code]) => ({
      name,
      code,
      ...(name === 'busy' ? { retryAfterMs: 7_000 } : {}),
      ...(name === 'hang' ? { hasty } : {}),
      arrange: () => fake.failNext(name),
    })),
    { name: 'gone', code: 'unreachable', arrange: fake.close, final: true },
  ];
}

notifyContract('log', () => {
  const lines: string[] = [];
  return Promise.resolve({
    port: createLogNotifier((fields, message) => lines.push(JSON.stringify({ ...fields, message }))),
    deliveries: () => lines,
    close: () => Promise.resolve(),
    faults: [],
  });
});

notifyContract('webhook', async () => {
  const fake = await startFakeReceiver({ secret, retryAfterS: 7 });
  const options = { url: fake.url, secret, clock };
  const hasty = createWebhookNotifier({ ...options, timeoutMs: hastyMs });
  return {
    port: createWebhookNotifier(options),
    deliveries: () => fake.received.map(({ key }) => key),
    close: fake.close,
    // Any 2xx is an answer here: receivers are other people's scripts, and their bodies say nothing.
    faults: faultsOf(fake, hasty).filter(({ name }) => name !== 'malformed'),
  };
});

notifyContract('slack', async () => {
  const fake = await startFakeSlack({ retryAfterS: 7 });
  const options = { url: `${fake.url}/services/T0/B0/s3cr3t`, clock };
  return {
    port: createSlackNotifier(options),
    deliveries: () => fake.received.map((message) => JSON.stringify(message)),
    close: fake.close,
    faults: faultsOf(fake, createSlackNotifier({ ...options, timeoutMs: hastyMs })),
  };
});

notifyContract('teams', async () => {
  const fake = await startFakeTeams({ retryAfterS: 7 });
  const options = { url: `${fake.url}/workflows/x?sig=s3cr3t`, clock };
  return {
    port: createTeamsNotifier(options),
    deliveries: () => fake.received.map((message) => JSON.stringify(message)),
    close: fake.close,
    // The flow was started: what its answer says beyond the status means nothing.
    faults: faultsOf(fake, createTeamsNotifier({ ...options, timeoutMs: hastyMs })).filter(
      ({ name }) => name !== 'malformed',
    ),
  };
});

notifyContract('pagerduty', async () => {
  const fake = await startFakePagerDuty({ retryAfterS: 7 });
  const options = { routingKey: 's3cr3t', url: fake.url, clock };
  const port = createPagerDutyNotifier(options);
  const hasty = createPagerDutyNotifier({ ...options, timeoutMs: hastyMs });
  // One alert per lead is the point of this channel: another lead is another one.
  const escalated = (to: NotifyPort): NotifyPort => ({
    ...to,
    send: (message, signal) =>
      to.send({ ...message, kind: 'escalation', leadId: deriveLeadId('test', message.key) }, signal),
  });
  return {
    port: escalated(port),
    deliveries: () => fake.received.map(({ dedup_key }) => dedup_key),
    close: fake.close,
    faults: faultsOf(fake, escalated(hasty)),
  };
});

describe('log channel', () => {
  it('writes ids and times only: no person, no link', async () => {
    const lines: unknown[] = [];
    await createLogNotifier((fields, message) => lines.push({ fields, message })).send(
      notification(),
      patient(),
    );
    const { key, leadId, dueAt } = notification();
    expect(lines).toEqual([
      {
        fields: { notificationKey: key, kind: 'assigned', leadId, repId: 'anna', dueAt },
        message: 'notification',
      },
    ]);
    for (const word of [...personal, 'https://']) expect(JSON.stringify(lines)).not.toContain(word);
  });
});

describe('webhook channel on the wire', () => {
  it('sends the notification, signed as an independent library expects, under its key', async () => {
    const recorder = await startRecorder(() => ({ status: 204, text: '' }));
    const answer = await createWebhookNotifier({ url: `${recorder.url}/hook?team=1`, secret, clock }).send(
      notification(),
      patient(),
    );
    await recorder.close();
    const [request] = recorder.requests;
    expect(answer).toBe('HTTP 204');
    expect(request).toMatchObject({ method: 'POST', url: '/hook?team=1' });
    expect(request?.headers['webhook-id']).toBe(notification().key);
    expect(new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {})).toEqual(notification());
  });

  it('refuses a secret without a key before the first notification', () => {
    expect(() => createWebhookNotifier({ url: 'http://127.0.0.1', secret: '', clock })).toThrow(RangeError);
  });

  it('is told auth by a receiver with another secret', async () => {
    const fake = await startFakeReceiver({ secret: 'whsec_b3RoZXI=' });
    const port = createWebhookNotifier({ url: fake.url, secret, clock });
    await expect(port.send(notification(), patient())).rejects.toMatchObject({ code: 'auth' });
    await fake.close();
  });
});
