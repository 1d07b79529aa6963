import { createServer as createSocketServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { z } from 'zod';
import { ConnectorError } from '../../activities/failures';
import { createOutbound } from '../../connectors/outbound';
import { callHttp, parseAnswer, parseRetryAfter, type HttpCall } from '../../connectors/http';
import { failureOf, nowMs, patient } from './examples';
import { startRecorder } from './recorder';

function get(url: string, changes: Partial<HttpCall> = {}): ReturnType<typeof callHttp> {
  return callHttp({ system: 'it', method: 'GET', url: new URL(url), signal: patient(), nowMs, ...changes });
}

/** A peer that speaks raw bytes, for faults no HTTP server would make. */
async function startPeer(answer: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const server: Server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(answer);
      if (answer.endsWith('CUT')) socket.destroy();
    });
    server.once('close', () => socket.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const close = (): void => {
    server.close();
    server.emit('close');
  };
  peers.add(close);
  return { url: `http://127.0.0.1:${String(port)}`, close };
}

const peers = new Set<() => void>();
afterEach(() => {
  peers.forEach((close) => close());
  peers.clear();
});

describe('callHttp', () => {
  it.each([
    [301, 'rejected'],
    [307, 'rejected'],
    [400, 'rejected'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'rejected'],
    [408, 'busy'],
    [409, 'rejected'],
    [422, 'rejected'],
    [425, 'busy'],
    [429, 'busy'],
    [500, 'busy'],
    [502, 'busy'],
    [503, 'busy'],
  ])('reports status %i as %s', async (status, code) => {
    const recorder = await startRecorder(() => ({ status, text: 'no: zoe@example.com' }));
    const failure = await failureOf(get(recorder.url));
    expect(failure).toMatchObject({ code, message: `it: HTTP ${String(status)}` });
    await recorder.close();
  });

  // LinkedIn answers 999 to what it takes for a robot. No Response can carry it, and the fault must not end the worker.
  it.each([
    [999, 'busy', undefined],
    [999, 'busy', createOutbound('127.0.0.1')],
    [600, 'busy', createOutbound('127.0.0.1')],
    [0, 'rejected', createOutbound('127.0.0.1')],
  ])('reports the unknown status %i as %s', async (status, code, outbound) => {
    const peer = await startPeer(
      `HTTP/1.1 ${String(status).padStart(3, '0')} No\r\ncontent-length: 0\r\n\r\n`,
    );
    const failure = await failureOf(get(peer.url, { outbound }));
    expect(failure).toMatchObject({ code, message: `it: HTTP ${String(status)}` });
    peer.close();
  });

  // Following would hand a signed body to a host that nobody configured.
  it('follows no redirect', async () => {
    const target = await startRecorder(() => ({ status: 200, text: '{}' }));
    const recorder = await startRecorder(() => ({
      status: 308,
      headers: { location: target.url },
      text: '',
    }));
    expect(await failureOf(get(recorder.url))).toMatchObject({ code: 'rejected' });
    expect(target.requests).toEqual([]);
    await Promise.all([recorder.close(), target.close()]);
  });

  it('takes a listed status for an answer', async () => {
    const recorder = await startRecorder(() => ({ status: 404, text: 'unknown' }));
    expect(await get(recorder.url, { answers: [404] })).toMatchObject({ status: 404, text: 'unknown' });
    await recorder.close();
  });

  it('stops reading an answer that is too large', async () => {
    const recorder = await startRecorder(() => ({ status: 200, text: 'x'.repeat(5_000) }));
    expect(await failureOf(get(recorder.url, { maxBytes: 4_999 }))).toMatchObject({ code: 'malformed' });
    expect((await get(recorder.url, { maxBytes: 5_000 })).text).toHaveLength(5_000);
    await recorder.close();
  });

  it('sends user and password of the address as Basic credentials', async () => {
    const recorder = await startRecorder(() => ({ status: 200, text: '' }));
    await get(recorder.url.replace('//', '//api:s%3Ac@'));
    expect(recorder.requests[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('api:s:c').toString('base64')}`,
    );
    await recorder.close();
  });

  it.each([
    ['a token with a line break', 'http://127.0.0.1:1', 'Bearer xoxb\nSECRET'],
    ['a token that is no Latin-1', 'http://127.0.0.1:1', 'Bearer SECRET€'],
    ['a password with a lone %', 'http://u:50%SECRET@127.0.0.1:1', 'Bearer x'],
  ])('reports %s as setup, without a word of it', async (_what, url, authorization) => {
    const failure = await failureOf(get(url, { headers: { authorization } }));
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject({ code: 'setup' });
    expect(inspect(failure)).not.toMatch(/SECRET|xoxb/);
  });

  it('bounds an answer that trickles in, head first', async () => {
    const peer = await startPeer('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    expect(await failureOf(get(peer.url, { timeoutMs: 100 }))).toMatchObject({ code: 'timeout' });
    peer.close();
  });

  it.each([
    ['an answer cut in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nCUT'],
    ['an answer cut in the head', 'HTTP/1.1 200 CUT'],
    ['a peer that does not speak HTTP', '220 mail.example.com ESMTP CUT'],
  ])('reports %s as unreachable', async (_what, bytes) => {
    const peer = await startPeer(bytes);
    expect(await failureOf(get(peer.url))).toMatchObject({ code: 'unreachable' });
    peer.close();
  });

  it('reports a name nobody has as unreachable', async () => {
    expect(await failureOf(get('http://nobody.invalid/?q=zoe@example.com'))).toMatchObject({
      code: 'unreachable',
    });
  });

  it('throws the caller’s reason, not a timeout, when the caller gave up first', async () => {
    const peer = await startPeer('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    const caller = new AbortController();
    const reason = new Error('cancelled');
    const call = get(peer.url, { signal: caller.signal });
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
    peer.close();
  });

  it.each([
    ['30', 30_000],
    ['1.5', 1_500],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['5 minutes', undefined],
    ['2026-11-24', undefined],
    ['86400', 3_600_000],
    ['Tue, 24 Nov 2026 09:00:45 GMT', 45_000],
    ['Tue, 24 Nov 2026 08:59:00 GMT', undefined],
    ['Tue, nonsense', undefined],
    ['Tue, 24 Nov 2099 09:00:00 GMT', 3_600_000],
  ])('reads Retry-After %j as %p', async (header, expected) => {
    const recorder = await startRecorder(() => ({
      status: 503,
      headers: { 'retry-after': header },
      text: '',
    }));
    expect(await failureOf(get(recorder.url))).toMatchObject({ code: 'busy', retryAfterMs: expected });
    expect(parseRetryAfter(header, nowMs)).toBe(expected);
    await recorder.close();
  });

  it('has no Retry-After where none was sent', () => {
    expect(parseRetryAfter(null, nowMs)).toBeUndefined();
    expect(parseRetryAfter(undefined, nowMs)).toBeUndefined();
  });
});

describe('parseAnswer', () => {
  it('names the field and not its value', async () => {
    const schema = z.object({ a: z.object({ b: z.number() }) });
    const parse = (): Promise<unknown> =>
      Promise.resolve().then(() => parseAnswer('it', schema, '{"a":{"b":"Zoë"}}'));
    const failure = await failureOf(parse());
    expect(failure).toMatchObject({ code: 'malformed', message: 'it: the answer is not as documented: a.b' });
  });
});
