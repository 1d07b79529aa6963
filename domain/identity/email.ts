import { domainToASCII } from 'node:url';
import { getDomain } from 'tldts';

/** An e-mail address taken apart for comparison; the raw value is kept elsewhere. */
export interface Mailbox {
  /** Lower case, domain in ASCII (IDN); what two spellings of one mailbox have in common. */
  readonly canonical: string;
  readonly local: string;
  /** Domain as a person would register it: `acme.co.uk` for `mail.acme.co.uk` (public suffix list). */
  readonly domain: string;
  readonly freeMail: boolean;
  /** A mailbox that several people read, such as `info@`. */
  readonly role: boolean;
}

/** @returns undefined when `text` cannot be an address. */
export function readMailbox(text: string | undefined): Mailbox | undefined {
  if (text === undefined) return undefined;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at).trim().normalize('NFC').toLowerCase();
  const host = domainToASCII(
    text
      .slice(at + 1)
      .trim()
      .toLowerCase(),
  );
  if (at < 1 || local === '' || host === '') return undefined;
  const domain = getDomain(host) ?? host;
  return {
    canonical: `${local}@${host}`,
    local,
    domain,
    freeMail: freeMailDomains.has(domain),
    role: roleLocals.has(local.replace(/[.\-_+].*$/, '')),
  };
}

/** Registrable domain of a web address, with or without a scheme; undefined when there is none. */
export function webDomain(website: string | undefined): string | undefined {
  if (website === undefined) return undefined;
  const domain = getDomain(website.trim().toLowerCase());
  return domain === null || freeMailDomains.has(domain) ? undefined : domain;
}

/** Providers that give anybody a mailbox: the domain says nothing about a company. */
const freeMailDomains: ReadonlySet<string> = new Set(
  `gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.jp yahoo.co.in yahoo.com.br ymail.com
   hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it outlook.com outlook.de outlook.fr live.com live.de msn.com
   icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de arcor.de mail.de posteo.de
   mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.io fastmail.com zoho.com hey.com mail.com email.com
   orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tin.it alice.it bluewin.ch hispeed.ch
   telefonica.net terra.es sapo.pt wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz freemail.hu abv.bg
   mail.ru yandex.ru yandex.com bk.ru list.ru rambler.ru ukr.net qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net
   rediffmail.com uol.com.br bol.com.br ig.com.br comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
   btinternet.com sky.com talktalk.net ntlworld.com bigpond.com optusnet.com.au telstra.com xtra.co.nz shaw.ca rogers.com sympatico.ca`
    .split(/\s+/)
    .filter(Boolean),
);

const roleLocals: ReadonlySet<string> = new Set(
  `info office contact kontakt sales vertrieb verkauf hello hallo hi mail post team service support help hilfe admin administrator
   billing accounts accounting buchhaltung rechnung invoice einkauf purchasing marketing press presse jobs hr career karriere
   reception empfang zentrale welcome enquiries enquiry inquiry contato contacto contatti accueil commercial ventes ventas vendite
   noreply webmaster postmaster it`
    .split(/\s+/)
    .filter(Boolean),
);
