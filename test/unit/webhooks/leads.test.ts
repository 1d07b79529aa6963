import type { SourceKind } from '../../../api/ports';
import { payloadOf } from '../../../api/webhooks/payload';
import { mapEvent } from '../../../api/webhooks/receive';
import { webhookSchemes } from '../../../api/webhooks/registry';
import type { Delivery } from '../../../api/webhooks/scheme';
import { deliver, recorded } from './recorded';

function eventsIn(kind: SourceKind, delivery: Delivery) {
  const scheme = webhookSchemes[kind];
  return scheme.events(payloadOf(scheme, delivery), delivery);
}

const sample = (body: unknown): Delivery => ({
  method: 'POST',
  url: '',
  header: (name) => (name === 'content-type' ? 'application/json' : undefined),
  headerNames: ['content-type'],
  body: Buffer.from(JSON.stringify(body)),
  nowMs: 0,
});

test.each<[string, object]>([
  [
    'google-valid',
    {
      firstName: 'FirstName',
      lastName: 'LastName',
      email: 'test@example.com',
      phone: '+16505550123',
      utm: { source: 'google', medium: 'cpc', campaign: '20000000001' },
    },
  ],
  ['typeform-valid', { email: 'laura@example.com', utm: { source: 'newsletter' } }],
  [
    'webflow-valid',
    { firstName: 'Zaphod', lastName: 'Beeblebrox', email: 'zaphod@example.com', phone: '15550000000' },
  ],
  ['calendly-valid', { firstName: 'John', lastName: 'Doe', email: 'test@example.com' }],
  ['stripe-valid', { firstName: 'Jenny', lastName: 'Rosen', email: 'jenny@example.com' }],
  ['intercom-valid', { firstName: 'Lead', lastName: 'Example', email: 'lead@example.com' }],
  ['segment-valid', { lastName: 'Achilles', email: 'achilles@example.com' }],
  ['ce-structured', { email: 'kim@example.com' }],
  [
    'generic-bearer-valid',
    { email: 'kim@example.com', firstName: 'Kim', company: 'Acme', source: 'zapier', externalId: 'row-17' },
  ],
])('the lead of %s is found', (id, fields) => {
  const { kind, delivery } = deliver(recorded.find((one) => one.id === id)!);
  const [event] = eventsIn(kind, delivery);
  expect(event!.nature).toBe('lead');
  expect(mapEvent({ kind }, event!).fields).toEqual(fields);
});

test.each<[SourceKind, unknown]>([
  ['meta', { object: 'page', entry: [{ id: '1', time: 1 }] }],
  ['meta', { object: 'page', entry: ['1'] }],
  ['hubspot', []],
  ['hubspot', ['contact']],
  ['segment', []],
])('a body of %s in which no event can be found is kept: %j', (kind, body) => {
  expect(eventsIn(kind, sample(body))).toEqual([{ nature: 'other', data: body }]);
});

const leadgen = { field: 'leadgen', value: { leadgen_id: '77' } };
const creation = { subscriptionType: 'contact.creation', portalId: 1, eventId: 2 };
const page = { type: 'page', messageId: 'm' };
test.each<[SourceKind, unknown, readonly unknown[]]>([
  [
    'meta',
    { entry: ['x', { changes: [1, leadgen, null] }, { id: '1' }] },
    ['x', 1, leadgen, null, { id: '1' }],
  ],
  ['hubspot', [creation, 'x', null], [creation, 'x', null]],
  ['segment', [7, page, [page]], [7, page, [page]]],
])('what is no event beside those of %s is kept too, in its place: %j', (kind, body, parts) => {
  const events = eventsIn(kind, sample(body));
  expect(events.map(({ data }) => data)).toEqual(parts);
  expect(events.filter(({ type }) => type === undefined).map(({ nature }) => nature)).toEqual(
    Array.from({ length: parts.length - 1 }, () => 'other'),
  );
});

test('an empty batch of CloudEvents is kept', () => {
  const header = (name: string) =>
    name === 'content-type' ? 'application/cloudevents-batch+json' : undefined;
  expect(eventsIn('cloudevents', { ...sample([]), header })).toEqual([{ nature: 'other', data: [] }]);
});

test.each<[unknown, boolean]>([
  ['x', true],
  [['', 'x'], true],
  [['x', 'x'], true],
  [{ value: 'x' }, true],
  [true, true],
  [1, true],
  ['', false],
  [['', ' '], false],
  [[], false],
  [false, false],
  [null, false],
])('a honeypot with %j in it: %j', (fax, isSpam) => {
  const mapping = { email: 'email', honeypot: 'fax' };
  expect(mapEvent({ kind: 'generic', mapping }, { data: { email: 'a@example.com', fax } }).isSpam).toBe(
    isSpam,
  );
});

test.each<[SourceKind, string, unknown, object]>([
  [
    'hubspot',
    'a workflow sends the contact',
    {
      vid: 1,
      properties: {
        email: { value: 'ada@example.com', versions: [] },
        firstname: { value: 'Ada' },
        zip: { value: '01067' },
        jobtitle: { value: 'CTO' },
        hs_object_id: { value: '1' },
      },
    },
    { email: 'ada@example.com', firstName: 'Ada', postalCode: '01067', title: 'CTO' },
  ],
  [
    'pipedrive',
    'a new person',
    {
      meta: { id: 'm', entity: 'person', action: 'create' },
      data: {
        name: 'Ada Okafor',
        emails: [{ value: 'b@example.com' }, { value: 'ada@example.com', primary: true }],
        phones: [{ value: '+49 89 1' }],
      },
    },
    { firstName: 'Ada', lastName: 'Okafor', email: 'ada@example.com', phone: '+49 89 1' },
  ],
  [
    'segment',
    'objects for company and address, no page for a website',
    {
      type: 'track',
      messageId: 'm',
      properties: { email: 'ada@example.com', url: 'https://shop.example/page' },
      context: {
        traits: { company: { name: 'Example' }, address: { city: 'Rome', postalCode: '00118' } },
        campaign: { name: 'spring', source: 'ads' },
      },
    },
    {
      email: 'ada@example.com',
      company: 'Example',
      city: 'Rome',
      postalCode: '00118',
      utm: { campaign: 'spring', source: 'ads' },
    },
  ],
  [
    'typeform',
    'choices, titles and kinds of questions',
    {
      event_id: 'e',
      event_type: 'form_response',
      form_response: {
        definition: {
          fields: [
            { id: '1', title: 'Company name' },
            { id: '2', title: 'Where are you?' },
            { id: '3', title: 'Country' },
          ],
        },
        answers: [
          { type: 'text', text: 'Example', field: { id: '1', ref: 'c0ffee' } },
          { type: 'email', email: 'ada@example.com', field: { id: '2', ref: 'x' } },
          { type: 'choice', choice: { label: 'Italy' }, field: { id: '3', ref: 'y' } },
        ],
      },
    },
    { company: 'Example', email: 'ada@example.com', country: 'Italy' },
  ],
])('%s: %s', (kind, _name, body, fields) => {
  const [event] = eventsIn(kind, sample(body));
  expect([event!.nature, mapEvent({ kind }, event!).fields]).toEqual(['lead', fields]);
});

test.each<[SourceKind, unknown, string[]]>([
  [
    'hubspot',
    [{ subscriptionType: 'contact.creation' }, { subscriptionType: 'deal.creation' }],
    ['id_only', 'other'],
  ],
  ['hubspot', [{ subscriptionType: 'object.creation', objectTypeId: '0-1' }], ['id_only']],
  ['meta', { entry: [{ changes: [{ field: 'feed', value: {} }] }, { changes: 'x' }] }, ['other', 'other']],
  ['linkedin', { leadGenFormResponse: 'urn:1', leadAction: 'DELETED', occurredAt: 1 }, ['other']],
  ['typeform', { event_type: 'form_response_partial', form_response: {} }, ['other']],
  ['calendly', { event: 'invitee.canceled', payload: {} }, ['other']],
  ['stripe', { type: 'customer.created', livemode: false }, ['test']],
  ['stripe', { type: 'charge.failed', livemode: true }, ['other']],
  ['intercom', { topic: 'contact.lead.created', data: { item: {} } }, ['lead']],
  ['segment', { type: 'page', traits: { email: 'ada@example.com' } }, ['other']],
  ['pipedrive', { meta: { entity: 'lead', action: 'create' } }, ['id_only']],
  ['pipedrive', { meta: { entity: 'person', action: 'change' } }, ['other']],
  ['webflow', { triggerType: 'site_publish' }, ['other']],
  ['slack', { type: 'event_callback', event_id: 'E1' }, ['other']],
  ['google-ads', [1], ['lead']],
])('%s: the events of %j are %j', (kind, body, natures) => {
  expect(eventsIn(kind, sample(body)).map(({ nature }) => nature)).toEqual(natures);
});

test('HubSpot events are unique for ever by what happened to whom and when, not by their id alone', () => {
  const event = { portalId: 1, eventId: 7, subscriptionId: 3, objectId: 9, occurredAt: 5 };
  const [first, later] = eventsIn('hubspot', sample([event, { ...event, occurredAt: 6 }]));
  expect([first!.id, later!.id]).toEqual(['1:7', '1:7']);
  expect(first!.key).not.toBe(later!.key);
});

test('no shape of a body makes a kind fail', () => {
  for (const kind of Object.keys(webhookSchemes) as SourceKind[])
    for (const body of [null, [], {}, 1, 'x', [null], { payload: 1, data: [], entry: {}, form_response: 3 }])
      for (const event of eventsIn(kind, sample(body)))
        expect(['lead', 'test', 'id_only', 'other']).toContain(event.nature);
});
