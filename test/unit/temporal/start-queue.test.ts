import { pino } from 'pino';
import type { LeadToRun } from '../../../temporal/lead-starter';
import { createStartQueue } from '../../../temporal/start-queue';
import { until } from '../../support/until';

const pageSize = 500;
/** More than the queue holds. */
const many = 20_001;

/** A queue with an inbox of its own; no run ever touches a lead, so that whatever is started again is seen. */
function arrange({ concurrency = 1, left = 0 } = {}) {
  const inbox: { leadId: string; imported: boolean; seq: bigint }[] = [];
  const started: string[] = [];
  const world = { inbox, started, away: false, readable: true, reads: 0 };
  const accept = (leadId: string): LeadToRun => {
    const lead = { leadId, imported: false };
    inbox.push({ ...lead, seq: BigInt(inbox.length + 1) });
    return lead;
  };
  for (let n = 0; n < left; n += 1) accept(`left-${n}`);
  const queue = createStartQueue({
    start: async ({ leadId }) => {
      await Promise.resolve();
      if (world.away) throw new Error('Temporal is away');
      started.push(leadId);
    },
    unstarted: async (after) => {
      world.reads += 1;
      await Promise.resolve();
      if (!world.readable) throw new Error('Postgres is away');
      return inbox.slice(Number(after), Number(after) + pageSize);
    },
    concurrency,
    log: pino({ enabled: false }),
  });
  const send = (name: string, count: number): void => {
    for (let n = 0; n < count; n += 1) queue.push(accept(`${name}-${n}`));
  };
  const settled = (): Promise<unknown> =>
    until('every lead started', () => new Set(started).size === inbox.length);
  return { world, queue, send, settled };
}

const arrival = ({ inbox }: { inbox: readonly { leadId: string }[] }): string[] =>
  inbox.map(({ leadId }) => leadId);

test('leads are started in order of arrival', async () => {
  const { world, send, settled } = arrange();
  send('new', 50);
  await settled();
  expect(world.started).toEqual(arrival(world));
  expect(world.reads).toBe(0);
});

test('what an earlier process left goes ahead of what comes now', async () => {
  const { world, queue, send, settled } = arrange({ left: 2 * pageSize + 7 });
  queue.catchUp();
  send('new', 50);
  await settled();
  expect(world.started).toEqual(arrival(world));
});

test('of more leads than are held none overtakes another, and each is started once or twice', async () => {
  const { world, send, settled } = arrange();
  world.away = true;
  send('first', many);
  send('second', many);
  send('third', 10);
  world.away = false;
  await settled();
  const firsts = [...new Set(world.started)];
  expect(firsts).toEqual(arrival(world));
  expect(world.started.length).toBeLessThanOrEqual(2 * firsts.length);
  const { reads } = world;
  send('later', many + 10);
  await settled();
  expect([...new Set(world.started)]).toEqual(arrival(world));
  // what was read before is not read again
  expect(world.reads - reads).toBeLessThan(many / pageSize + 5);
});

test('while Temporal is away the oldest lead is tried again, and the order stays', async () => {
  const { world, queue, send, settled } = arrange({ left: 5 });
  world.away = true;
  queue.catchUp();
  send('new', 20);
  await until('a read', () => world.reads > 0);
  world.away = false;
  await settled();
  expect(world.started).toEqual(arrival(world));
});

test('an inbox that cannot be read holds up nothing that comes', async () => {
  const { world, queue, send } = arrange({ left: 3 });
  world.readable = false;
  queue.catchUp();
  send('new', 3);
  await until('new leads started', () => world.started.length === 3);
  expect(world.started).toEqual(['new-0', 'new-1', 'new-2']);
});

test('a queue that is stopped starts nothing any more', async () => {
  const { world, queue, send } = arrange({ left: 3 });
  queue.stop();
  queue.catchUp();
  send('new', 3);
  await new Promise(setImmediate);
  expect(world.started).toEqual([]);
});
