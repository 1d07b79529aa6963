import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collection } from '../../api/collection/collection';
import { runCollection, type Ran } from '../../api/collection/run-collection';
import { adminKey, startInstance, type Instance } from '../support/instance';

const file = join(__dirname, '../../docs/lead-router.postman_collection.json');
const collection = JSON.parse(readFileSync(file, 'utf8')) as Collection;
let instance: Instance;

beforeAll(async () => {
  instance = await startInstance({ namespace: 'collection' });
});
afterAll(() => instance.stop());

test('every request of the collection is answered with a status that is documented', async () => {
  const all = await runCollection(collection, { baseUrl: instance.url, apiKey: adminKey });
  expect(all.filter(({ failed }) => failed.length > 0)).toEqual([]);
  expect(all.length).toBeGreaterThan(45);
  // A fresh instance has no errors, reviews, merges, or earlier policy; the rest does what it says.
  const word = ({ method, url, status }: Ran): string =>
    `${String(status)} ${method} ${new URL(url).pathname}`;
  const refused = all.filter(({ status }) => status >= 400).map(word);
  expect(refused.length).toBeLessThan(all.length / 2);
  expect(refused.filter((text) => /^(400|401|403|415|422)/.test(text))).toEqual([]);
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
