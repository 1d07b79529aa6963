import { decideCase } from '../../../api/webhooks/cases';
import { payloadOf } from '../../../api/webhooks/payload';
import { webhookSchemes } from '../../../api/webhooks/registry';
import { deliver, recorded, type Recorded } from './recorded';

test.each(recorded.map((one) => [one.id, one] as const))('%s is decided as its vendor says', (_id, one) => {
  const { accepted, reason, eventIds } = decideCase(one);
  expect([one.why, accepted, reason]).toEqual([one.why, one.valid, reason]);
  if (one.dedupe) expect(eventIds).toEqual(one.dedupe);
  if (!accepted) expect(eventIds).toEqual([]);
  if (accepted) expect(reason === 'test').toBe(one.isTest === true);
});

const byId = (id: string): Recorded => recorded.find((one) => one.id === id)!;

test.each(recorded.filter((one) => one.expect !== undefined).map((one) => [one.id, one] as const))(
  'the handshake %s gets the answer that its sender wants, or none',
  (_id, one) => {
    const { kind, delivery } = deliver(one);
    const scheme = webhookSchemes[kind];
    const secrets = one.secret === null ? [] : [one.secret];
    const answer = one.scheme.startsWith('slack')
      ? scheme.answer!(payloadOf(scheme, delivery))
      : scheme.handshake!({ secrets, verifyToken: one.secret ?? '' }, delivery);
    if (!one.valid) {
      expect(answer).toBeUndefined();
      return;
    }
    expect(answer!.status).toBe(one.expect!.status);
    if (one.expect!.body !== undefined) expect(answer!.body).toBe(one.expect!.body);
    if (one.expect!.json !== undefined) expect(JSON.parse(answer!.body)).toEqual(one.expect!.json);
    if (one.expect!.bodyContains !== undefined) expect(answer!.body).toContain(one.expect!.bodyContains);
    if (one.expect!.contentType !== undefined)
      expect(answer!.headers['content-type']).toContain(one.expect!.contentType);
    for (const [name, value] of Object.entries(one.expect!.headers ?? {}))
      expect(answer!.headers[name.toLowerCase()]).toMatch(value.startsWith('<') ? /^(\d+|\*)$/ : value);
  },
);

test('ids beyond 2^53 keep their digits', () => {
  const { kind, delivery } = deliver(byId('google-int64'));
  const [event] = webhookSchemes[kind].events(payloadOf(webhookSchemes[kind], delivery), delivery);
  expect(event!.data).toMatchObject(byId('google-int64').expectFields!);
});

test('a case that is none is refused and stops nothing', () => {
  expect([null, {}, { id: 7, scheme: 'x' }].map(decideCase)).toEqual([
    { id: '', accepted: false, reason: 'unreadable_case', eventIds: [] },
    { id: '', accepted: false, reason: 'unreadable_case', eventIds: [] },
    { id: '7', accepted: false, reason: 'unreadable_case', eventIds: [] },
  ]);
  expect(decideCase({ ...byId('sw-valid'), scheme: '__proto__' }).reason).toBe('unknown_scheme');
});

describe('a case that does not say what it is', () => {
  it.each(recorded.map((one) => [one.id, one] as const))(
    '%s is told by its method',
    (_id, { kind, ...one }) => {
      const { accepted, reason } = decideCase(one);
      expect(accepted).toBe(one.valid);
      if (kind === 'handshake' && one.method !== 'POST') expect(reason).toMatch(/^handshake/);
    },
  );
});

test('a signed ping may be called a handshake', () => {
  const ping = { ...byId('intercom-ping'), kind: 'handshake' };
  expect(decideCase(ping)).toMatchObject({ accepted: true, reason: 'handshake' });
});

test.each(['%zz', '100%', 'a%4', '%C3', '%FF', '%C0%AF'])(
  'a CloudEvent with the escape %s in any attribute is malformed',
  (value) => {
    const one = recorded.find((each) => each.scheme === 'cloudevents-http' && 'ce-id' in each.headers)!;
    expect(decideCase(one).accepted).toBe(true);
    for (const name of ['ce-subject', 'Ce-MyExtension', 'ce-dataschema'])
      expect(decideCase({ ...one, headers: { ...one.headers, [name]: value } })).toMatchObject({
        accepted: false,
        reason: 'malformed',
      });
  },
);

test('a challenge of Meta may have a blank', () => {
  const one = byId('meta-handshake-ok');
  const url = one.url!.replace(/hub\.challenge=[^&]*/, 'hub.challenge=aB%20c%3C');
  expect(decideCase({ ...one, url })).toMatchObject({ accepted: true, reason: 'handshake' });
});
