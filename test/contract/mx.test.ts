import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createConnectors } from '../../connectors';
import { createMailCheck, type MailResolver } from '../../connectors/enrich/mx';
import { loadEnv } from '../../config/env';
import { clock, failureOf, hastyMs, patient } from './examples';

type Said = readonly string[] | string;

/** Answers with records, or fails with a code of node:dns. */
const says = (said: Said) => (): Promise<readonly string[]> =>
  typeof said === 'string'
    ? Promise.reject(Object.assign(new Error(said), { code: said }))
    : Promise.resolve(said);

const resolver = (mx: Said, four: Said = 'ENODATA', six: Said = 'ENODATA'): MailResolver => ({
  resolveMx: async () => (await says(mx)()).map((exchange) => ({ exchange })),
  resolve4: says(four),
  resolve6: says(six),
});

test.each<[string, MailResolver, boolean | undefined]>([
  ['a mail server', resolver(['mx.acme.com']), true],
  ['a null MX (RFC 7505)', resolver([''], ['192.0.2.1']), false],
  ['an address alone (RFC 5321)', resolver('ENODATA', ['192.0.2.1']), true],
  ['an IPv6 address alone', resolver('ENODATA', 'ESERVFAIL', ['2001:db8::1']), true],
  ['neither', resolver('ENODATA'), false],
  ['no such domain', resolver('ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND'), false],
  ['a name server that fails', resolver('ESERVFAIL'), undefined],
  ['half of an answer', resolver('ENODATA', 'ENODATA', 'ESERVFAIL'), undefined],
  ['a name that is none', resolver('EBADNAME'), undefined],
])('of a domain with %s', async (_what, from, takes) => {
  expect(await createMailCheck(from).takesMail('acme.com', patient())).toBe(takes);
});

test.each([
  ['ETIMEOUT', 'timeout'],
  ['ECONNREFUSED', 'unreachable'],
])('%s is silence, not an answer', async (code, failure) => {
  const check = createMailCheck(resolver(code));
  expect((await failureOf(check.takesMail('acme.com', patient()))).code).toBe(failure);
});

test('name servers that sleep are not waited for', async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const check = createMailCheck({ resolveMx: never, resolve4: never, resolve6: never }, hastyMs);
  expect((await failureOf(check.takesMail('acme.com', patient()))).code).toBe('timeout');
});

test('nobody is asked unless it is switched on', () => {
  const deps = {
    clock,
    log: () => undefined,
    localCrm: { upsert: () => Promise.resolve({ externalId: 'local_1' }) },
    notifyKey: Buffer.alloc(32),
  };
  const checkOf = (env: Record<string, string>) => createConnectors(loadEnv(env), deps).mailCheck;
  expect([checkOf({}), checkOf({ MX_CHECK: 'on' })]).toEqual([undefined, expect.anything()]);
  expect(() => loadEnv({ MX_CHECK: 'sometimes' })).toThrow('MX_CHECK');
});

describe('over DNS itself', () => {
  let server: Socket;
  beforeAll(async () => {
    server = createSocket('udp4').on('message', (query, from) => {
      server.send(answerTo(query), from.port, from.address);
    });
    await new Promise<void>((ready) => server.bind(0, '127.0.0.1', ready));
  });
  afterAll(() => new Promise<void>((closed) => server.close(closed)));

  test.each([
    ['null.example', false],
    ['gone.example', false],
    ['broken.example', undefined],
    ['mail.example', true],
  ])('%s', async (domain, takes) => {
    const asked = new Resolver({ timeout: 1_000, tries: 1 });
    asked.setServers([`127.0.0.1:${String(server.address().port)}`]);
    expect(await createMailCheck(asked).takesMail(domain, patient())).toBe(takes);
  });
});

/** NXDOMAIN for gone, SERVFAIL for broken, else one MX record: of the root for null, of the domain itself for others. */
function answerTo(query: Buffer): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const name = question.subarray(1, 1 + (question[0] ?? 0)).toString();
  const code = { gone: 3, broken: 2 }[name] ?? 0;
  const exchange = name === 'null' ? [0] : [0xc0, 12];
  const record = [0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 2 + exchange.length, 0, 0, ...exchange];
  const header = Buffer.from([
    query[0] ?? 0,
    query[1] ?? 0,
    0x81,
    0x80 + code,
    0,
    1,
    0,
    code ? 0 : 1,
    0,
    0,
    0,
    0,
  ]);
  return Buffer.concat([header, question, Buffer.from(code ? [] : record)]);
}
