import type { Fault } from './text';

const email = 'an e-mail address such as ada@example.com';
/** Unicode letters count, so that addresses in any script pass; U+3002 and its widths are dots in some of them. */
const label = /^[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_-]*[\p{L}\p{M}\p{N}_])?$/u;
const dots = /[.\u3002\uff0e\uff61]/;

/**
 * Why mail to `text` can never arrive; undefined when it might. Deliberately lenient: a strange address that works
 * is a lead, and whether a mailbox exists is not decided here.
 */
export function emailFault(text: string): Fault | undefined {
  const fault = (message: string): Fault => ({ message, expected: email });
  if (/\s/.test(text)) return fault('has spaces');
  const [local = '', domain, ...rest] = text.split('@');
  if (domain === undefined) return fault('has no @');
  if (rest.length > 0) return fault('has more than one @');
  if (local === '') return fault('has nothing before the @');
  if (!/^"[^"]+"$/.test(local) && /[<>()[\],;:\\"]/.test(local))
    return fault('has characters no address has');
  const labels = domain.split(dots);
  if (labels.length < 2) return fault('has a domain without a dot');
  if (!labels.every((part) => label.test(part) && part.length <= 63))
    return fault('has an impossible domain');
  if (/^\d+$/.test(labels.at(-1) ?? '')) return fault('has an impossible domain');
  return undefined;
}

const phone = 'a phone number such as +49 89 123456';
/** `ext. 12`, `x12`, `#12`, `Durchwahl 12` … at the end. */
const extension =
  /[\s,;(]*(?:ext(?:ension|n)?|x|#|durchwahl|dw|poste|interno|int|anexo|ramal|доб)[\s.:#]*\d{1,8}\s*\)?$/iu;

/** Why `text` is no phone number. Formats of the world differ widely, so only the impossible is refused. */
export function phoneFault(text: string): Fault | undefined {
  const number = text.replace(/^tel:/i, '').replace(extension, '');
  if (/\p{L}/u.test(number)) return { message: 'has letters', expected: phone };
  if ((number.match(/\p{Nd}/gu) ?? []).length < 5)
    return { message: 'has fewer than 5 digits', expected: phone };
  return undefined;
}
