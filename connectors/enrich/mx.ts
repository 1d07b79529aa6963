import { Resolver } from 'node:dns/promises';
import { ConnectorError } from '../../activities/failures';
import type { MailCheckPort } from '../../activities/ports-vendors';
import { withDeadline } from '../deadline';

const system = 'mx';
/** With the second try; a third of what enrichment may take, as nobody waits for name servers that sleep. */
const timeoutMs = 2_000;

/** What of `node:dns/promises` is asked. */
export interface MailResolver {
  resolveMx(domain: string): Promise<readonly { readonly exchange: string }[]>;
  resolve4(domain: string): Promise<readonly string[]>;
  resolve6(domain: string): Promise<readonly string[]>;
}

/**
 * Asks name servers whether a domain takes mail: it has a mail server, or an address where one may listen (RFC 5321,
 * 5.1). One that says so takes none (null MX, RFC 7505), nor does one that does not exist.
 */
export function createMailCheck(
  resolver: MailResolver = new Resolver({ timeout: 800, tries: 2 }),
  limitMs = timeoutMs,
): MailCheckPort {
  return {
    takesMail: (domain, signal) =>
      withDeadline({ system, signal, timeoutMs: limitMs }, (ended) =>
        Promise.race([takesMail(resolver, domain), givenUp(ended)]),
      ),
  };
}

async function takesMail(resolver: MailResolver, domain: string): Promise<boolean | undefined> {
  const servers = await recordsOf(resolver.resolveMx(domain));
  if (servers === undefined) return undefined;
  if (servers.length > 0) return servers.some(({ exchange }) => exchange !== '');
  const addresses = await Promise.all([
    recordsOf(resolver.resolve4(domain)),
    recordsOf(resolver.resolve6(domain)),
  ]);
  if (addresses.some((found) => found !== undefined && found.length > 0)) return true;
  return addresses.includes(undefined) ? undefined : false;
}

const none: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);
const silence: Readonly<Record<string, 'timeout' | 'unreachable' | undefined>> = {
  ETIMEOUT: 'timeout',
  ECONNREFUSED: 'unreachable',
};

/** @returns nothing when there are none, undefined when the answer is neither. @throws ConnectorError when there is no answer */
async function recordsOf<T>(asked: Promise<readonly T[]>): Promise<readonly T[] | undefined> {
  try {
    return await asked;
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (none.has(code)) return [];
    const failure = silence[code];
    if (failure) throw new ConnectorError(failure, `${system}: no name server answers`);
    if (code.startsWith('E')) return undefined;
    throw error;
  }
}

/** Questions to name servers cannot be taken back one by one; what they still say is not waited for. */
function givenUp(ended: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    ended.addEventListener('abort', () => {
      reject(new ConnectorError('timeout', `${system}: given up`));
    });
  });
}
