import { lookup as lookUp, type LookupAddress } from 'node:dns';
import {
  Agent as HttpAgent,
  request as requestHttp,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { BlockList, connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { Readable } from 'node:stream';

/**
 * What is not the public internet: this host, private and shared nets, link-local, the clouds' metadata services,
 * documentation, benchmarks, multicast and reserved blocks.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const internal4 = blockListOf(
  '0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/3,168.63.129.16',
);
/** Global unicast; everything outside it is internal, IPv4 in IPv6's clothes (mapped, NAT64) included. */
const global6 = blockListOf('2000::/3');
/** Inside it: Teredo and other protocol blocks, documentation, and 6to4, which carries an IPv4 address. */
const internal6 = blockListOf('2001::/23,2001:db8::/32,2002::/16,3fff::/20');

/**
 * What hands out this machine's own credentials and is nobody's API: link-local with most clouds' metadata services, and
 * those of Azure (WireServer), Alibaba, AWS and Google elsewhere; then the IPv4 ones in the clothes of NAT64 and 6to4.
 */
const metadata4 = blockListOf('169.254.0.0/16,168.63.129.16,100.100.100.200');
const metadata6 = blockListOf(
  'fe80::/10,fd00:ec2::254,fd20:ce::254,64:ff9b::a9fe:0/112,64:ff9b::a83f:8110,64:ff9b::6464:64c8,2002:a9fe::/32,2002:a83f:8110::/48,2002:6464:64c8::/48',
);

/** Sends requests, but not to every address. */
export interface Outbound {
  /**
   * As the global `fetch` with `redirect: 'manual'`. The address is judged that is really connected to, so neither a
   * name that changes its address nor one with several gets around it.
   * @throws Error with code `EOUTBOUND` for an address that is not allowed, `EMETADATA` for one that never is · UnknownStatusError
   */
  fetch(url: URL, init: OutboundRequest): Promise<Response>;
}

/** The answer has a status that HTTP does not have, such as LinkedIn's 999, which no Response can carry. */
export class UnknownStatusError extends Error {
  override readonly name = 'UnknownStatusError';
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${String(status)}`);
    this.status = status;
  }
}

export interface OutboundRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/**
 * Guards addresses that people configure, or that an answer names.
 * @param allow addresses and nets that may be reached although they are internal, such as `127.0.0.1,10.0.0.0/8`
 */
export function createOutbound(allow = '', resolve: typeof lookUp = lookUp): Outbound {
  const allowed = blockListOf(allow);
  const refuse: Refuse = (address) =>
    isInternal(address) && !isIn(allowed, address)
      ? Object.assign(new Error('the address is internal; OUTBOUND_ALLOW can allow it'), {
          code: 'EOUTBOUND',
        })
      : undefined;
  // A connection of its own for each request: a kept one was judged before.
  return guarded(refuse, resolve, () => false);
}

/** For addresses that whoever runs the process has set: everything but metadata services, over connections that are kept. */
export function createTrusted(resolve: typeof lookUp = lookUp): Outbound {
  const kept = { keepAlive: true, timeout: keptMs };
  const [http, https] = [new HttpAgent(kept), new HttpsAgent(kept)];
  return guarded(refuseMetadata, resolve, ({ protocol }) => (protocol === 'https:' ? https : http));
}

/**
 * A connection under the same guard, for what is no HTTP.
 * @throws Error with code `EMETADATA`, `ETIMEDOUT`, or that of the fault
 */
export function connectTrusted(
  { host, port, timeoutMs }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  resolve: typeof lookUp = lookUp,
): Promise<Socket> {
  return new Promise((done, fail) => {
    refuseLiteral(host, refuseMetadata);
    const socket = connect({ host, port, lookup: judged(refuseMetadata, resolve) });
    const giveUp = (): void => {
      socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }));
    };
    socket.setTimeout(timeoutMs, giveUp);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.setTimeout(0).off('timeout', giveUp).off('error', fail);
      done(socket);
    });
  });
}

export const metadataRefusal = 'the address is link-local or of a metadata service';

const refuseMetadata: Refuse = (address) =>
  isMetadata(address) ? Object.assign(new Error(metadataRefusal), { code: 'EMETADATA' }) : undefined;

/** An idle connection is given up before most servers do it. */
const keptMs = 4_000;

type AgentFor = (url: URL) => HttpAgent | false;
/** Why an IP address may not be reached; undefined when it may. */
type Refuse = (address: string) => Error | undefined;

function guarded(refuse: Refuse, resolve: typeof lookUp, agentFor: AgentFor): Outbound {
  const lookup = judged(refuse, resolve);
  return {
    fetch: async (url, init) => {
      refuseLiteral(url.hostname.replace(/^\[|\]$/g, ''), refuse);
      return send(url, init, { lookup, agent: agentFor(url) });
    },
  };
}

/** Looks a name up and judges what it finds. */
const judged =
  (refuse: Refuse, resolve: typeof lookUp): LookupFunction =>
  (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = error ?? addresses.map(({ address }) => refuse(address)).find(Boolean);
      if (refused) done(refused, [] as LookupAddress[]);
      else if (options.all === true) done(null, addresses);
      else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };

/** A literal address is never looked up. */
function refuseLiteral(host: string, refuse: Refuse): void {
  const refused = isIP(host) === 0 ? undefined : refuse(host);
  if (refused) throw refused;
}

/** Whether an IP address is a metadata service's, or may be: link-local ones are. */
function isMetadata(address: string): boolean {
  return isIn(metadata4, address) || (isIP(address) === 6 && isIn(metadata6, address));
}

/** Whether an IP address is not on the public internet. Text that is no address counts as internal. */
export function isInternal(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return isIn(internal4, address);
    case 6:
      return !isIn(global6, address) || isIn(internal6, address);
    default:
      return true;
  }
}

/** @throws RangeError naming the entry that is neither an address nor a net */
export function blockListOf(text: string): BlockList {
  const list = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', bits] = entry.split('/');
    const version = isIP(address);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    const length = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
    if (version === 0 || !Number.isInteger(length) || length < 0 || length > (version === 6 ? 128 : 32))
      throw new RangeError(`"${entry}" is neither an IP address nor a net such as 10.0.0.0/8`);
    list.addSubnet(address, length, family);
  }
  return list;
}

const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

function send(
  url: URL,
  init: OutboundRequest,
  connection: Pick<RequestOptions, 'lookup' | 'agent'>,
): Promise<Response> {
  const { method, headers, body, signal } = init;
  const options: RequestOptions = {
    ...connection,
    method,
    headers: Object.fromEntries(headers),
    signal,
  };
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    outgoing.once('error', reject);
    outgoing.end(body ?? undefined);
  });
  // Not in the listener of the answer: nobody catches what is thrown there, and the process ends.
  return answered.then(responseOf);
}

function responseOf(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 0;
  if (status < 200 || status > 599) {
    incoming.destroy();
    throw new UnknownStatusError(status);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  const empty = status === 204 || status === 205 || status === 304;
  if (empty) incoming.resume();
  return new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers });
}
