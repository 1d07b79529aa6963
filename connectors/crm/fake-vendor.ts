import {
  json,
  jsonOf,
  startFakeServer,
  type FakeControls,
  type FakeReply,
  type FakeRequest,
} from '../fake-server';

export interface FakeVendorOptions {
  /** 0 or absent picks a free one. */
  readonly port?: number | undefined;
  readonly delayMs?: number | undefined;
  /** Seconds that `busy` asks for; 1 when absent. */
  readonly retryAfterS?: number | undefined;
}

/** A request with what its path says; `body` is the JSON or form in it. */
export interface VendorRequest {
  readonly request: FakeRequest;
  readonly params: readonly string[];
  readonly body: unknown;
}

export type Route = readonly [method: string, path: RegExp, answer: (request: VendorRequest) => FakeReply];

/** How one vendor differs from the next. */
export interface VendorSpeech {
  readonly routes: readonly Route[];
  /** Path of the token endpoint, and its answer around a fresh access token. */
  readonly token: { readonly path: string; readonly answer: (accessToken: string, url: string) => object };
  /** The credential of a request. */
  readonly credential: (request: FakeRequest) => string | undefined;
  readonly unauthorized: FakeReply;
  readonly busy: FakeReply;
}

/** A request and its answer, for schemas to judge. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly answered: unknown;
}

/** Answers that get lost on their way; 0 takes it back. */
interface Losses {
  /** The nth proper request from now takes effect, and its answer is lost. */
  crashBehind(n: number): void;
  /** Its answer is lost, and it takes effect when `takeEffect` is called. */
  commitLate(n: number): void;
  takeEffect(): void;
}

export interface FakeVendor extends FakeControls, Losses {
  /** A key that is good until `expire` is called, and the refresh token that gets another. */
  readonly token: string;
  readonly exchanges: readonly Exchange[];
  requests(): number;
  /** Requests that were told to come back later. */
  refusals(): number;
  /** The next proper request whose method and path fit is answered so, and has no effect; to any but the token endpoint when absent. */
  answerNext(reply: FakeReply, path?: RegExp): void;
  /** From now on this share of the requests is told that there were too many; the same ones in each run. */
  busyShare(share: number): void;
  /** No access token made so far is good any more. */
  expire(): void;
}

/** A vendor's API in memory, which keeps its routes, credentials and limits strictly and fails on demand. */
export async function startFakeVendor(speech: VendorSpeech, options: FakeVendorOptions): Promise<FakeVendor> {
  const exchanges: Exchange[] = [];
  const scripted: { readonly reply: FakeReply; readonly path: RegExp }[] = [];
  const token = 'first-token';
  let good = [token];
  let made = 0;
  const { answering, ...losses } = createLosses();
  let [busy, dice, refused] = [0, 1, 0];

  function check(request: FakeRequest): FakeReply | undefined {
    if (request.path === speech.token.path) {
      const told = script(request);
      if (told) return told;
      made += 1;
      const fresh = `token-${String(made)}`;
      good.push(fresh);
      return kept(request, json(200, speech.token.answer(fresh, server.url)));
    }
    if (!good.includes(speech.credential(request) ?? '')) return speech.unauthorized;
    if (!routeOf(speech, request)) return { status: 404, text: 'no such resource' };
    // A linear congruential generator: arbitrary, and the same for everybody.
    dice = (dice * 48_271) % 2_147_483_647;
    if (dice / 2_147_483_647 < busy) {
      refused += 1;
      return speech.busy;
    }
    return script(request);
  }

  function script(request: FakeRequest): FakeReply | undefined {
    const at = scripted.findIndex(({ path }) => path.test(`${request.method} ${request.path}`));
    return at < 0 ? undefined : scripted.splice(at, 1)[0]?.reply;
  }

  function act(request: FakeRequest): FakeReply {
    const route = routeOf(speech, request);
    if (!route) throw new Error('checked before');
    return answering(() => kept(request, route()));
  }

  function kept(request: FakeRequest, reply: FakeReply): FakeReply {
    exchanges.push(exchangeOf(request, reply));
    return reply;
  }

  const server = await startFakeServer({ ...options, check, act });
  return {
    ...server,
    token,
    exchanges,
    refusals: () => refused,
    answerNext: (reply, path = /^(?!.*token)/) => void scripted.push({ reply, path }),
    ...losses,
    busyShare: (share) => {
      busy = share;
    },
    expire: () => {
      good = [];
    },
  };
}

function createLosses(): Losses & { readonly answering: (effect: () => FakeReply) => FakeReply } {
  let [crashIn, lateIn] = [0, 0];
  const waiting: (() => unknown)[] = [];
  return {
    crashBehind: (n) => {
      crashIn = n;
    },
    commitLate: (n) => {
      lateIn = n;
    },
    takeEffect: () => {
      for (const effect of waiting.splice(0)) effect();
    },
    answering: (effect) => {
      const [isCrash, isLate] = [--crashIn === 0, --lateIn === 0];
      if (isLate) waiting.push(effect);
      else if (!isCrash) return effect();
      else effect();
      throw new Error('the connection is lost here');
    },
  };
}

function routeOf({ routes }: VendorSpeech, request: FakeRequest): (() => FakeReply) | undefined {
  for (const [method, path, answer] of routes) {
    const match = request.method === method ? path.exec(request.path) : null;
    const params = match?.slice(1).map(decodeURIComponent);
    if (params) return () => answer({ request, params, body: bodyOf(request) });
  }
  return undefined;
}

function exchangeOf(request: FakeRequest, { status, text }: FakeReply): Exchange {
  const { method, query } = request;
  const path = query.size === 0 ? request.path : `${request.path}?${query.toString()}`;
  return {
    method,
    path,
    sent: bodyOf(request),
    status,
    answered: text === '' ? undefined : JSON.parse(text),
  };
}

function bodyOf({ header, body }: FakeRequest): unknown {
  if (body.length === 0) return undefined;
  return header('content-type') === 'application/x-www-form-urlencoded'
    ? Object.fromEntries(new URLSearchParams(body.toString('utf8')))
    : jsonOf(body);
}

/** The token of `Authorization: Bearer`. */
export function bearerOf({ header }: FakeRequest): string | undefined {
  return /^Bearer (.+)$/.exec(header('authorization') ?? '')?.[1];
}
