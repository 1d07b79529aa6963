import type { ImportReading } from '../../../activities/ports-imports';
import { lineReader } from '../../../api/imports/line-lead';
import { leadFromApi } from '../../../api/lead-id';

const nowMs = Date.UTC(2026, 10, 25);
const reading: ImportReading = { source: 'fair', format: 'csv' };

function read(line: unknown, how: Partial<ImportReading> = {}) {
  const text = typeof line === 'string' ? line : JSON.stringify(line);
  return lineReader.lead(text, { ...reading, ...how }, nowMs);
}
const leadOf = (read_: ReturnType<typeof read>) => ('lead' in read_ ? read_.lead : undefined);

test('columns are read by what they are usually called', () => {
  expect(
    leadOf(read({ 'E-Mail': 'ada@example.com', Firma: 'Example GmbH', Name: 'Ada Okafor', Land: '' })),
  ).toMatchObject({
    source: 'fair',
    fields: { email: 'ada@example.com', company: 'Example GmbH', firstName: 'Ada', lastName: 'Okafor' },
    rawBody: expect.stringContaining('Example GmbH'),
  });
});

test('a mapping names the columns, dots in their names included', () => {
  const mapping = { email: 'Adr. 1', phone: 'Tel.', eventId: 'Nr.' };
  const lead = leadOf(read({ 'Adr. 1': 'ada@example.com', 'Tel.': '', 'Nr.': 'K-17' }, { mapping }));
  expect(lead).toMatchObject({ eventKey: 'K-17', source: 'fair', fields: { email: 'ada@example.com' } });
});

test('a lead with an external id is the same as one of the API; without one, its content decides', () => {
  const line = { email: 'ada@example.com', externalId: 'K-17' };
  const fields = { ...line, source: 'fair' };
  const sent = leadFromApi({ fields, json: fields, text: '', nowMs }, { name: 'x' }, undefined);
  expect(leadOf(read(line))!.leadId).toBe(sent.leadId);
  const twice = [read({ email: 'a@example.com' }), read(' {"email":"a@example.com"} ')].map(leadOf);
  expect(twice[0]!.leadId).toBe(twice[1]!.leadId);
  expect(leadOf(read({ email: 'a@example.com' }, { source: 'other' }))!.leadId).not.toBe(twice[0]!.leadId);
});

test('a column `source` decides line by line', () => {
  const lead = leadOf(read({ email: 'a@example.com', source: 'partner' }));
  expect([lead!.source, lead!.fields.source]).toEqual(['partner', 'partner']);
});

test.each([
  [
    'no address',
    { company: 'x' },
    'email',
    'is missing, and so is phone; expected an e-mail address or a phone number',
  ],
  ['a bad address', { email: 'at example.com' }, 'email', expect.stringContaining('expected')],
  ['no JSON', '{"email":', '', 'is not valid JSON at column 10'],
  ['deep JSON', '['.repeat(40), '', 'nests too deep'],
  ['no object', '[1]', '', 'is a list; expected an object'],
])('%s is a fault without its value', (_what, line, field, reason) => {
  const found = read(line);
  expect('faults' in found && found.faults[0]).toEqual({ field, reason });
  expect(JSON.stringify(found)).not.toContain('at example');
});

test('a filled honeypot is a fault', () => {
  expect(
    read({ email: 'a@example.com', url: 'x' }, { mapping: { email: 'email', honeypot: 'url' } }),
  ).toEqual({
    faults: [{ field: 'honeypot', reason: 'is filled in' }],
  });
});

test('line breaks in a cell are blanks, but in a message', () => {
  const row = {
    email: ' ada@example.com\n',
    company: 'Acme\r\nGmbH',
    'Last name': 'Love\tlace',
    message: 'a\nb',
  };
  expect(leadOf(read(row))?.fields).toMatchObject({
    email: 'ada@example.com',
    company: 'Acme GmbH',
    lastName: 'Love lace',
    message: 'a\nb',
  });
});
