import { disposableEmailBlocklistSet } from 'disposable-email-domains-js';

const domains = disposableEmailBlocklistSet();

/**
 * Whether a domain gives out throw-away mailboxes, by the community's list, which names no provider that people use for
 * real mail. @param domain as a person would register it, in ASCII
 */
export function isDisposable(domain: string): boolean {
  return domains.has(domain);
}
