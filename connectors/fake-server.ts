import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ways a system on the other side fails. `crashAfterWrite` does the work and then drops the connection: the one after
 * which a caller cannot know. The others do nothing.
 */
export const fakeFaults = [
  'busy',
  'error',
  'auth',
  'reject',
  'hang',
  'crashAfterWrite',
  'malformed',
] as const;
export type FakeFault = (typeof fakeFaults)[number];

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

export interface FakeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface FakeServerOptions {
  /** 0 or absent picks a free one. */
  readonly port?: number | undefined;
  readonly delayMs?: number | undefined;
  /** Seconds that `busy` asks for; 1 when absent. */
  readonly retryAfterS?: number | undefined;
  /** Refuses what is not a proper request; faults are spent on proper ones only. */
  readonly check: (request: FakeRequest) => FakeReply | undefined;
  /** Does the work of a proper request, at once and without waiting, so that requests cannot interleave. */
  readonly act: (request: FakeRequest) => FakeReply;
}

/** What every fake offers to the test or demo that started it. */
export interface FakeControls {
  readonly url: string;
  /** Time each answer takes from now on. */
  setDelay(ms: number): void;
  /** The next `times` proper requests fail this way; further calls queue up behind. */
  failNext(fault: FakeFault, times?: number): void;
  /** Drops open connections and frees the port. */
  close(): Promise<void>;
}

export interface FakeServer extends FakeControls {
  /** Requests so far, improper and failed ones included. */
  requests(): number;
}

const bodyMaxBytes = 1_024 * 1_024;

/** An HTTP server on 127.0.0.1 that plays an outside system and fails on demand; the ground of all fakes. */
export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  const faults: FakeFault[] = [];
  const closing = new AbortController();
  let requests = 0;
  let delayMs = options.delayMs ?? 0;
  const server = createServer((incoming, response) => {
    requests += 1;
    serve(incoming, response).catch(() => response.destroy());
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === undefined) {
      send(response, json(413, { error: 'too large' }));
      return;
    }
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: closing.signal });
    const refused = options.check(request);
    if (refused) {
      send(response, refused);
      return;
    }
    const fault = faults.shift();
    if (fault === undefined) {
      send(response, options.act(request));
      return;
    }
    if (fault === 'hang') return;
    if (fault === 'crashAfterWrite') {
      options.act(request);
      response.destroy();
      return;
    }
    send(response, faultReply(fault, options.retryAfterS ?? 1));
  }

  return {
    url: await listen(server, options.port ?? 0),
    requests: () => requests,
    setDelay: (ms) => {
      delayMs = ms;
    },
    failNext: (fault, times = 1) => {
      faults.push(...Array.from({ length: times }, () => fault));
    },
    close: () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** A reply with a JSON body. */
export function json(status: number, value: unknown): FakeReply {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(value) };
}

/** The body as JSON, undefined when it is none; for a schema to judge. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function faultReply(fault: Exclude<FakeFault, 'hang' | 'crashAfterWrite'>, retryAfterS: number): FakeReply {
  switch (fault) {
    case 'busy':
      return { status: 429, headers: { 'retry-after': String(retryAfterS) }, text: 'rate_limited' };
    case 'error':
      return { status: 500, text: 'internal error' };
    case 'auth':
      return { status: 401, text: 'unauthorized' };
    case 'reject':
      return { status: 422, text: 'unprocessable' };
    case 'malformed':
      return { status: 200, headers: { 'content-type': 'text/html' }, text: '<html>maintenance</html>' };
  }
}

function send(response: ServerResponse, reply: FakeReply): void {
  response.writeHead(reply.status, reply.headers).end(reply.text);
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyMaxBytes) return undefined;
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? '/', 'http://fake');
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    header: (name) => [incoming.headers[name.toLowerCase()]].flat()[0],
    body: Buffer.concat(chunks),
  };
}

export function listen(server: ReturnType<typeof createServer>, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://127.0.0.1:${String(taken)}`);
    });
  });
}
