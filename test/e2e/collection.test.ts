import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collection } from '../../api/collection/collection';
import { runCollection } from '../../api/collection/run-collection';
import { adminKey, startInstance, type Instance } from '../support/instance';

const file = join(__dirname, '../../docs/lead-router.postman_collection.json');
const collection = JSON.parse(readFileSync(file, 'utf8')) as Collection;
let instance: Instance;

/**
 * What may be refused, and how: a fresh instance has no imports, errors, reviews, merges, models or earlier policy, a
 * lead that was just made may have no owner yet or the one it is given to, and handshakes are for vendors. Everything else does what it says.
 */
const refusals: Readonly<Record<number, readonly string[]>> = {
  404: [
    'How far an import has come',
    'Lines that are no leads, with the reason',
    'Take no more lines of the file in',
    'Take in a button pressed in Slack',
    'Every pick of a pool with its reasons, and who got how much',
    'Say whether the two are one person',
    'A person with leads and merges',
    'Merge this person into another one',
    'Make two people of one again',
    'Decide by this model from now on',
    'One error',
    'The cause is fixed: resume this lead',
  ],
  405: ['Prove to Meta or LinkedIn that the address is ours', 'The same for CloudEvents'],
  409: [
    'Give the lead back to the pool',
    'Give the lead to another rep',
    'Stop the clock for a while',
    'Have the lead in hand: its ladder goes no further for a while',
    'Make a lead of one that the spam gate turned away',
    'Make a version live, now or later',
    'Do not publish a version that is scheduled',
    'Go back to the version that was live before',
    'Thresholds that the verdicts speak for, as a draft with a report',
  ],
};

beforeAll(async () => {
  instance = await startInstance({ namespace: 'collection' });
});
afterAll(() => instance.stop());

test('every request of the collection is answered with a status that is documented', async () => {
  const all = await runCollection(collection, { baseUrl: instance.url, apiKey: adminKey });
  expect(all.filter(({ failed }) => failed.length > 0)).toEqual([]);
  expect(all.length).toBeGreaterThan(45);
  const refused = all.filter(({ status, name }) => status >= 400 && !refusals[status]?.includes(name));
  expect(refused).toEqual([]);
  const names = all.map(({ name }) => name);
  expect(
    Object.values(refusals)
      .flat()
      .filter((name) => !names.includes(name)),
  ).toEqual([]);
});

test('a status that is not documented fails the run', async () => {
  const [folder] = collection.item;
  const wrong = JSON.parse(JSON.stringify(folder!.item[0])) as (typeof folder & object)['item'][0];
  const broken = {
    ...collection,
    item: [{ name: 'one', item: [{ ...wrong, request: { ...wrong.request, method: 'PATCH' } }] }],
  };
  const [ran] = await runCollection(broken, { baseUrl: instance.url, apiKey: adminKey });
  expect(ran?.failed[0]).toContain('405 is none of');
  const [nowhere] = await runCollection(collection, { baseUrl: 'http://127.0.0.1:1', apiKey: '' });
  expect(nowhere).toMatchObject({ status: 0, failed: [expect.any(String)] });
});
