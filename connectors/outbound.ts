import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';

/**
 * What is not the public internet: this host, private and shared nets, link-local with the clouds' metadata services,
 * documentation, benchmarks, multicast and reserved blocks.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const internal4 = blockListOf(
  '0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/3',
);
/** Global unicast; everything outside it is internal, IPv4 in IPv6's clothes (mapped, NAT64) included. */
const global6 = blockListOf('2000::/3');
/** Inside it: Teredo and other protocol blocks, documentation, and 6to4, which carries an IPv4 address. */
const internal6 = blockListOf('2001::/23,2001:db8::/32,2002::/16,3fff::/20');

/** Sends requests to addresses that people configure, and to none of ours. */
export interface Outbound {
  /**
   * As the global `fetch` with `redirect: 'manual'`. The address is judged that is really connected to, so neither a
   * name that changes its address nor one with several gets around it.
   * @throws Error with code `EOUTBOUND` for an address that is not allowed · UnknownStatusError
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

/** @param allow addresses and nets that may be reached although they are internal, such as `127.0.0.1,10.0.0.0/8` */
export function createOutbound(allow = '', resolve: typeof lookUp = lookUp): Outbound {
  const allowed = blockListOf(allow);
  const refuse = (address: string): Error | undefined =>
    isInternal(address) && !isIn(allowed, address)
      ? Object.assign(new Error('the address is internal; OUTBOUND_ALLOW can allow it'), {
          code: 'EOUTBOUND',
        })
      : undefined;
  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = error ?? addresses.map(({ address }) => refuse(address)).find(Boolean);
      if (refused) done(refused, [] as LookupAddress[]);
      else if (options.all === true) done(null, addresses);
      else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
  return {
    fetch: async (url, init) => {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      // A literal address is never looked up.
      const refused = isIP(host) === 0 ? undefined : refuse(host);
      if (refused) throw refused;
      return send(url, init, lookup);
    },
  };
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

function send(url: URL, init: OutboundRequest, lookup: LookupFunction): Promise<Response> {
  const { method, headers, body, signal } = init;
  const options: RequestOptions = {
    method,
    headers: Object.fromEntries(headers),
    signal,
    lookup,
    // A connection of its own: a kept one was judged for another name.
    agent: false,
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
