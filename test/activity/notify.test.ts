import { setTimeout as delay } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ConnectorError, type FailureCode } from '../../activities/failures';
import { deliver, throwUndelivered, type Delivery } from '../../activities/notify';
import type { ChannelResults, Notification, NotifyPort } from '../../activities/ports-vendors';
import { deriveLeadId } from '../../domain/ids';

const message: Notification = {
  key: 'k',
  kind: 'assigned',
  leadId: deriveLeadId('test', 'told'),
  to: { id: 'anna', name: 'Anna', email: 'anna@example.com' },
  subject: 'New lead',
  facts: [],
  links: { open: 'https://leads.example/x' },
};

/** Channels that fail as told and remember who was asked. */
function world(faults: Readonly<Record<string, FailureCode | undefined>>, before: ChannelResults = {}) {
  const asked: string[] = [];
  const port = (channel: string, kinds?: NotifyPort['kinds']): NotifyPort => ({
    channel,
    ...(kinds ? { kinds } : {}),
    send: () => {
      asked.push(channel);
      const code = faults[channel];
      return code === undefined
        ? Promise.resolve('ok')
        : Promise.reject(new ConnectorError(code, `${channel} said no`, { retryAfterMs: 7_000 }));
    },
  });
  const run = async (
    person: readonly (readonly string[])[],
    attempt = 1,
    again = false,
  ): Promise<Delivery & { readonly failure: unknown }> => {
    const environment = new MockActivityEnvironment({ attempt });
    const channels = {
      every: [port('log'), port('pager', ['escalation'])],
      person: person.map((names) => names.map((name) => port(name))),
    };
    const store = { results: async () => before } as never;
    const call = (): Promise<Delivery> => deliver({ channels, store }, message, again);
    const delivery = await environment.run<never[], Delivery, typeof call>(call);
    return { ...delivery, failure: failureOf(() => throwUndelivered(delivery)) };
  };
  return { asked, run };
}

function failureOf(call: () => void): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

const order = [['slack', 'teams', 'smtp']];

test('the first channel of the order that works gets it, the others are left alone', async () => {
  const { asked, run } = world({});
  const { results, failure } = await run(order);
  expect(asked).toEqual(['log', 'slack']);
  expect(results).toEqual({
    log: { state: 'sent', detail: 'ok' },
    slack: { state: 'sent', detail: 'ok' },
  });
  expect(failure).toBeUndefined();
});

test.each(['busy', 'auth', 'rejected', 'timeout', 'unreachable', 'malformed'] as const)(
  'a channel that fails with %s falls to the next, and the timeline says so',
  async (code) => {
    const { asked, run } = world({ slack: code });
    const { results, failure } = await run(order);
    expect(asked).toEqual(['log', 'slack', 'teams']);
    expect(results).toMatchObject({ slack: { state: 'failed', detail: code }, teams: { state: 'sent' } });
    expect(failure).toBeUndefined();
  },
);

test('several lists are told at once, each by its first that works', async () => {
  const { asked, run } = world({ slack: 'busy' });
  await run([['slack', 'teams'], ['smtp']]);
  expect(asked.sort()).toEqual(['log', 'slack', 'smtp', 'teams']);
});

test('a machine is told of its kinds only', async () => {
  const { asked, run } = world({});
  await run([]);
  expect(asked).toEqual(['log']);
});

test('when all fail it is tried again, no sooner than the vendors ask for', async () => {
  const { run } = world({ slack: 'busy', teams: 'auth', smtp: 'busy' });
  expect((await run(order)).failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 7_000 });
});

test('when none can ever work it is given up', async () => {
  const { run } = world({ slack: 'auth', teams: 'rejected' });
  const { failure } = await run([['slack', 'teams']]);
  expect(failure).toMatchObject({
    nonRetryable: true,
    message: 'not delivered: slack (auth), teams (rejected)',
  });
});

test('a second attempt asks neither who has it nor who can never take it', async () => {
  const { asked, run } = world(
    {},
    {
      log: { state: 'sent', detail: 'ok' },
      slack: { state: 'failed', detail: 'auth' },
      teams: { state: 'failed', detail: 'busy' },
    },
  );
  await run(order, 2);
  expect(asked).toEqual(['teams']);
});

test('a second attempt tells nobody again who has it by a later channel, though an earlier one was only busy', async () => {
  const { asked, run } = world(
    {},
    {
      log: { state: 'failed', detail: 'busy' },
      slack: { state: 'failed', detail: 'busy' },
      teams: { state: 'sent', detail: 'ok' },
    },
  );
  const { failure } = await run(order, 2);
  expect(asked).toEqual(['log']);
  expect(failure).toBeUndefined();
});

test('nor does the first attempt of a run that follows one that was lost', async () => {
  const { asked, run } = world(
    {},
    { log: { state: 'sent', detail: 'ok' }, slack: { state: 'sent', detail: 'ok' } },
  );
  await run(order, 1, true);
  expect(asked).toEqual([]);
});

test('a channel that may have it is not asked again; the next one makes sure', async () => {
  const { asked, run } = world({ slack: 'unknown_outcome' });
  const { results, failure } = await run([['slack', 'teams']]);
  expect(asked).toEqual(['log', 'slack', 'teams']);
  expect(results).toMatchObject({ slack: { state: 'unknown' }, teams: { state: 'sent' } });
  expect(failure).toBeUndefined();
});

// Otherwise every attempt would send it anew to those who have it.
test('a bug in a channel is no failure of the vendor, and what the others sent is known', async () => {
  const bug = new TypeError('undefined is not a function');
  const broken: NotifyPort = { channel: 'x', send: () => Promise.reject(bug) };
  const slow: NotifyPort = { channel: 'slow', send: () => delay(20, 'ok') };
  const channels = { every: [broken, slow], person: [[{ ...slow, channel: 'slack' }]] };
  const environment = new MockActivityEnvironment();
  const call = (): Promise<Delivery> =>
    deliver({ channels, store: { results: async () => ({}) } as never }, message);
  const delivery = await environment.run<never[], Delivery, typeof call>(call);
  expect(delivery.results).toEqual({
    slow: { state: 'sent', detail: 'ok' },
    slack: { state: 'sent', detail: 'ok' },
  });
  expect(failureOf(() => throwUndelivered(delivery))).toBe(bug);
});
