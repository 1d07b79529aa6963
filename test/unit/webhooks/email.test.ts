import type { ApiError } from '../../../api/errors';
import { applyMapping } from '../../../api/webhooks/mapping';
import { textOfHtml } from '../../../api/webhooks/mail-text';
import { readPayload } from '../../../api/webhooks/payload';
import { webhookSchemes } from '../../../api/webhooks/registry';

const scheme = webhookSchemes.email;

async function read(mail: string | Buffer, type = 'message/rfc822') {
  const delivery = {
    method: 'POST',
    url: '',
    header: (name: string) => (name === 'content-type' ? type : undefined),
    headerNames: ['content-type'],
    body: typeof mail === 'string' ? Buffer.from(mail.replaceAll('\n', '\r\n')) : mail,
    nowMs: 0,
  };
  const payload = await readPayload(scheme, delivery);
  return { data: payload, event: scheme.events(payload, delivery)[0]!, lead: scheme.lead(payload) };
}

const letter = `From: =?utf-8?q?Ad=C3=A1?= Okafor <ada@example.com>
To: sales@lead-router.example
Subject: =?iso-8859-1?q?M=FCller?= needs a quote
Message-ID: <m1@example.com>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

We are 250 people in M=FCnchen.
`;

test('who wrote is the lead, subject and text are the message, the Message-ID is the event', async () => {
  const { event, lead } = await read(letter);
  expect(event).toMatchObject({ nature: 'lead', id: '<m1@example.com>' });
  expect(lead).toEqual({
    email: 'ada@example.com',
    firstName: 'Adá',
    lastName: 'Okafor',
    message: 'Müller needs a quote\n\nWe are 250 people in München.',
  });
});

test('a mail in Windows-1252 has its quotation marks and dashes', async () => {
  const head = 'From: Zo\xeb <zoe@example.com>\r\nContent-Type: text/plain; charset=windows-1252\r\n\r\n';
  const { lead } = await read(Buffer.from(`${head}I\x92d pay 5 \x80 \x96 \x84now\x93`, 'latin1'));
  expect(lead).toMatchObject({ message: 'I’d pay 5 € – „now“' });
});

test('Reply-To is the person when there is one', async () => {
  const { lead } = await read(letter.replace('To: sales', 'Reply-To: Ben Cole <ben@example.com>\nTo: sales'));
  expect(lead).toMatchObject({ email: 'ben@example.com', firstName: 'Ben', lastName: 'Cole' });
});

const form = `From: Website <wordpress@our-site.example>
Subject: New contact
Message-ID: <f1@our-site.example>
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/html; charset=utf-8

<html><head><style>td { color: red }</style></head><body><table>
<tr><td><b>E-Mail:</b></td><td>cleo@example.com</td></tr><tr><td>Firma:</td><td>M&uuml;ller &amp; S&#246;hne</td></tr>
</table><p>Nachricht: Bitte um R&#252;ckruf<br>See: https://our-site.example</p></body></html>
--b--
`;

test('lines of a form mail are fields for a mapping, in HTML too', async () => {
  const { data } = await read(form);
  const mapping = { email: 'fields.E-Mail', company: 'fields.Firma', message: 'fields.Nachricht' };
  expect(applyMapping(mapping, data).lead).toEqual({
    email: 'cleo@example.com',
    company: 'Müller & Söhne',
    message: 'Bitte um Rückruf',
  });
});

test.each([
  ['Auto-Submitted: auto-replied', 'auto_reply'],
  ['Auto-Submitted: auto-generated (vacation)', 'auto_reply'],
  ['Precedence: bulk', 'list'],
  ['List-Id: <news.example.com>', 'list'],
  ['List-Unsubscribe: <mailto:x@example.com>', 'list'],
  ['Return-Path: <>', 'bounce'],
])('%s is kept and is no lead', async (header, type) => {
  expect((await read(`${header}\n${letter}`)).event).toMatchObject({ nature: 'other', type });
});

test('bounces are no leads, mails that only say that they are not automatic are', async () => {
  const report = letter.replace('text/plain; charset=iso-8859-1', 'multipart/report; boundary=x');
  expect((await read(report)).event.type).toBe('bounce');
  expect((await read(letter.replace('ada@', 'MAILER-DAEMON@'))).event.type).toBe('bounce');
  expect((await read(`Auto-Submitted: no\n${letter}`)).event.nature).toBe('lead');
});

test('what cannot be read is refused, whatever it is', async () => {
  const code = (mail: string | Buffer, type?: string) =>
    read(mail, type).then(
      () => 'read',
      (error: unknown) => (error as ApiError).code,
    );
  const nested = Array.from(
    { length: 60 },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`,
  );
  expect(await code('')).toBe('malformed_body');
  expect(await code(nested.join(''))).toBe('malformed_body');
  expect(await code(`X: y\n\n${'--b\n\nx\n'.repeat(2_000)}`)).toBe('malformed_body');
  expect(await code(`X-Long: ${'x'.repeat(300_000)}\n\nhello`)).toBe('malformed_body');
  expect(await code(letter, 'application/json')).toBe('unsupported_media_type');
});

test('mails that are odd but readable are leads, or fail for what they lack', async () => {
  expect((await read(letter.replaceAll('iso-8859-1', 'x-no-such-charset'))).lead).toMatchObject({
    email: 'ada@example.com',
  });
  expect((await read('no header at all')).lead).toEqual({});
  const long = await read(`From: a@example.com\n\n${'word '.repeat(10_000)}\u0000`);
  expect((long.lead as { message: string }).message.length).toBeLessThanOrEqual(10_000);
  const attached = `From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: message/rfc822\n\n${letter}\n--b--`;
  expect((await read(attached)).lead).toEqual({ email: 'a@example.com', message: 'hi' });
});

test('hostile HTML costs no more than its length', () => {
  const started = performance.now();
  for (const html of [
    '<'.repeat(400_000),
    '<style>'.repeat(60_000),
    `<${'a'.repeat(400_000)}`,
    '&#'.repeat(200_000),
  ])
    textOfHtml(html);
  expect(performance.now() - started).toBeLessThan(2_000);
});
