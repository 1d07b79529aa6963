import type { lookup } from 'node:dns';
import {
  blockListOf,
  connectTrusted,
  createOutbound,
  createTrusted,
  isInternal,
} from '../../connectors/outbound';
import { callHttp } from '../../connectors/http';
import { startRecorder } from '../contract/recorder';

const init = {
  method: 'POST',
  headers: new Headers({ 'content-type': 'application/json' }),
  body: '{}',
  signal: new AbortController().signal,
};

/** A resolver that gives these addresses, one set per question. */
function resolver(...answers: readonly (readonly string[])[]): typeof lookup {
  let asked = 0;
  return ((_name: string, _options: object, done: (error: null, addresses: object[]) => void) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof lookup;
}

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '168.63.129.16',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'ff02::1',
  'no address',
])('%s is internal', (address) => {
  expect(isInternal(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '192.0.3.1', '99.255.255.255', '2606:4700::1111', '2a00:1450::1'])(
  '%s is not',
  (address) => {
    expect(isInternal(address)).toBe(false);
  },
);

describe('outbound guard', () => {
  // The last ones are all ways to write 127.0.0.1 that the URL parser understands.
  test.each([
    'http://127.0.0.1',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://169.254.169.254/latest/meta-data',
    'http://2130706433',
    'http://0x7f.1',
    'http://017700000001',
  ])('does not connect to %s', async (url) => {
    await expect(createOutbound().fetch(new URL(url), init)).rejects.toMatchObject({ code: 'EOUTBOUND' });
  });

  test.each([[['10.0.0.1']], [['8.8.8.8', '127.0.0.1']], [['::ffff:10.0.0.1']]])(
    'does not connect to a name with %j',
    async (addresses) => {
      const guarded = createOutbound('', resolver(addresses));
      await expect(guarded.fetch(new URL('http://rebound.example'), init)).rejects.toMatchObject({
        code: 'EOUTBOUND',
      });
    },
  );

  it('judges the address it connects to, so a name that was good before is of no use', async () => {
    const recorder = await startRecorder(() => ({ status: 200, text: 'ok' }));
    const { port } = new URL(recorder.url);
    const guarded = createOutbound('127.0.0.1', resolver(['127.0.0.1'], ['127.0.0.2']));
    const url = new URL(`http://rebound.example:${port}`);
    expect((await guarded.fetch(url, init)).status).toBe(200);
    await expect(guarded.fetch(url, init)).rejects.toMatchObject({ code: 'EOUTBOUND' });
    expect(recorder.requests).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    const inside = await startRecorder(() => ({ status: 200, text: 'secret' }));
    const outside = await startRecorder(() => ({ status: 302, headers: { location: inside.url }, text: '' }));
    const answer = await createOutbound('127.0.0.1').fetch(new URL(outside.url), init);
    expect(answer.status).toBe(302);
    expect(inside.requests).toEqual([]);
  });

  it('reaches what is allowed, as the built-in fetch would', async () => {
    const recorder = await startRecorder(() => ({ status: 201, headers: { 'x-a': 'b' }, text: 'done' }));
    const answer = await createOutbound('127.0.0.0/8').fetch(new URL(`${recorder.url}/a?b=c`), init);
    expect([answer.status, answer.headers.get('x-a'), await answer.text()]).toEqual([201, 'b', 'done']);
    expect(recorder.requests).toMatchObject([{ method: 'POST', url: '/a?b=c', body: '{}' }]);
  });

  it('is a refusal that names the setting and not the address', async () => {
    const call = callHttp({
      system: 'slack',
      method: 'POST',
      url: new URL('http://127.0.0.1:1/hook?token=s3cr3t'),
      body: '{}',
      signal: new AbortController().signal,
      nowMs: 0,
      outbound: createOutbound(),
    });
    await expect(call).rejects.toMatchObject({
      code: 'rejected',
      message: 'slack: the address is internal; OUTBOUND_ALLOW can allow it',
    });
  });

  it.each(['localhost', '10.0.0.0/33', '1.2.3', '::1/129'])('cannot be opened by "%s"', (entry) => {
    expect(() => blockListOf(entry)).toThrow(entry);
  });
});

describe('the guard of what the environment names', () => {
  const metadata = [
    '169.254.169.254',
    '168.63.129.16',
    '100.100.100.200',
    'fe80::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
  ];

  test.each(metadata)('does not connect to %s, by name or by number', async (address) => {
    const refused = { code: 'EMETADATA' };
    const host = address.includes(':') ? `[${address}]` : address;
    await expect(createTrusted().fetch(new URL(`http://${host}`), init)).rejects.toMatchObject(refused);
    const named = createTrusted(resolver(['8.8.8.8', address]));
    await expect(named.fetch(new URL('http://crm.example'), init)).rejects.toMatchObject(refused);
  });

  test.each(metadata)('opens no plain connection to %s either', async (address) => {
    const refused = { code: 'EMETADATA' };
    const to = { port: 25, timeoutMs: 1_000 };
    await expect(connectTrusted({ ...to, host: address })).rejects.toMatchObject(refused);
    const named = connectTrusted({ ...to, host: 'mail.example' }, resolver(['8.8.8.8', address]));
    await expect(named).rejects.toMatchObject(refused);
  });

  it('gives a plain connection up in time', async () => {
    const never = (() => undefined) as unknown as typeof lookup;
    const connecting = connectTrusted({ host: 'mail.example', port: 25, timeoutMs: 50 }, never);
    await expect(connecting).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('is asked by every call that has no other, and says so', async () => {
    const call = callHttp({
      system: 'enrich',
      method: 'GET',
      url: new URL('http://169.254.169.254/latest/meta-data'),
      signal: new AbortController().signal,
      nowMs: 0,
    });
    await expect(call).rejects.toMatchObject({
      code: 'rejected',
      message: 'enrich: the address is link-local or of a metadata service',
    });
  });

  it('reaches this host by name and by number, and keeps the connection', async () => {
    const recorder = await startRecorder(() => ({ status: 200, text: 'ok' }));
    const { port } = new URL(recorder.url);
    let asked = 0;
    const trusted = createTrusted(((...question: Parameters<typeof lookup>) => {
      asked += 1;
      resolver(['127.0.0.1'])(...question);
    }) as typeof lookup);
    for (const host of ['127.0.0.1', 'inside.example', 'inside.example']) {
      const answer = await trusted.fetch(new URL(`http://${host}:${port}`), init);
      expect(await answer.text()).toBe('ok');
    }
    expect([recorder.requests.length, asked]).toEqual([3, 1]);
  });

  it('takes a status that HTTP does not know for a failure', async () => {
    const recorder = await startRecorder(() => ({ status: 999, text: 'no' }));
    await expect(createTrusted().fetch(new URL(recorder.url), init)).rejects.toThrow('HTTP 999');
  });
});
