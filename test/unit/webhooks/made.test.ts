import { pipedrive } from '../../../api/webhooks/pipedrive';
import type { Delivery } from '../../../api/webhooks/scheme';

const email = { value: 'ada@example.com', primary: true, label: 'work' };
const phone = { value: '+49 30 901820', primary: true, label: 'work' };
const blank = { value: '', primary: true, label: 'work' };

const made = (meta: object, data: object) =>
  pipedrive.events(
    { meta: { action: 'create', entity: 'person', id: 'e', ...meta }, data },
    {} as Delivery,
  )[0]!.made;
const byApi = { change_source: 'api' };

test.each<[string, object, object, object | undefined]>([
  ['an address', byApi, { emails: [email], phones: [] }, { email: email.value }],
  ['both', byApi, { emails: [email], phones: [phone] }, { email: email.value, phone: phone.value }],
  ['a number', byApi, { emails: [blank], phones: [phone] }, { phone: phone.value }],
  ['two addresses, which we never write', byApi, { emails: [email, { value: 'b@example.com' }] }, undefined],
  ['two numbers', byApi, { emails: [email], phones: [phone, { value: '2' }] }, undefined],
  ['neither', byApi, { emails: [], phones: null }, undefined],
  ['made by hand', { change_source: 'app' }, { emails: [email] }, undefined],
  ['made in a way that is not told', {}, { emails: [email] }, undefined],
  ['the word in another case', { change_source: 'API' }, { emails: [email] }, undefined],
  ['changed', { ...byApi, action: 'change' }, { emails: [email] }, undefined],
  ['a lead', { ...byApi, entity: 'lead' }, { emails: [email] }, undefined],
])('a person in Pipedrive: %s', (_name, meta, data, person) => {
  expect(made(meta, data)).toEqual(person);
});
