import { webhookSchemes } from '../../../api/webhooks/registry';
import type { Delivery } from '../../../api/webhooks/scheme';

/** Which records the events of a body name as changed. */
const changed = (kind: 'hubspot' | 'hubspot-v1' | 'pipedrive', body: unknown) =>
  webhookSchemes[kind].events(body, {} as Delivery).map((event) => event.changed);

const event = (subscriptionType: string, more: object = {}) => ({
  eventId: 1,
  portalId: 62515,
  objectId: 75001,
  subscriptionType,
  ...more,
});
const status = { propertyName: 'hs_lead_status', propertyValue: 'OPEN' };
const contact = { objectTypeId: '0-1' };

test.each<[string, object, string | undefined]>([
  ['a status', event('contact.propertyChange', status), '75001'],
  ['an owner', event('contact.propertyChange', { propertyName: 'hubspot_owner_id' }), '75001'],
  ['a status, generic subscription', event('object.propertyChange', { ...status, ...contact }), '75001'],
  ['a status of a company', event('object.propertyChange', { ...status, objectTypeId: '0-2' }), undefined],
  ['a company', event('company.propertyChange', status), undefined],
  ['what no lead has', event('contact.propertyChange', { propertyName: 'firstname' }), undefined],
  ['a deletion', event('contact.deletion'), '75001'],
  ['a deletion, generic subscription', event('object.deletion', contact), '75001'],
  [
    'a merge',
    event('contact.merge', { primaryObjectId: 75001, mergedObjectIds: [75002], newObjectId: 75003 }),
    '75003',
  ],
  ['a merge that makes no new contact', event('contact.merge', { primaryObjectId: 75002 }), '75002'],
  ['a new contact', event('contact.creation'), undefined],
  ['an id that is none', event('contact.deletion', { objectId: 'x'.repeat(200) }), undefined],
  ['no id', event('contact.deletion', { objectId: null }), undefined],
  ['a name that objects have anyway', event('contact.constructor'), undefined],
  ['no type', { objectId: 75001 }, undefined],
])('HubSpot: %s', (_name, body, id) => {
  expect(changed('hubspot', [body])).toEqual([id]);
  expect(changed('hubspot-v1', [body])).toEqual([id]);
});

const lead = 'adf21080-0e10-11eb-879b-05d71fb426ec';
test.each<[string, string, unknown, string | undefined]>([
  ['change', 'lead', lead, lead],
  ['change', 'lead', '../persons/1', undefined],
  ['change', 'deal', 17, 'deal 17'],
  ['create', 'deal', '17', 'deal 17'],
  ['change', 'deal', '17/x', undefined],
  ['create', 'lead', lead, undefined],
  ['delete', 'lead', lead, undefined],
  ['change', 'person', 17, undefined],
])('Pipedrive: %s of %s %s', (action, entity, id, expected) => {
  expect(changed('pipedrive', { meta: { action, entity, entity_id: id, id: 'e' }, data: {} })).toEqual([
    expected,
  ]);
});
