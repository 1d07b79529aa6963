import { domainToASCII, domainToUnicode } from 'node:url';
import { getHostname, parse } from 'tldts';
import { freeMailDomains } from './free-mail';
import { fold } from './text';

/**
 * What somebody registers or rents of a host, IDN in ASCII: `acme.co.uk` for `mail.acme.co.uk`, `acme.vercel.app` for
 * `www.acme.vercel.app` (public suffix list with its private section, and `rented`).
 * @returns undefined where nobody runs the suffix, as for `watkins.co.con`, and for a suffix itself
 */
export function registrableDomain(host: string): string | undefined {
  const { domain, hostname, isIcann, isPrivate } = parse(domainToASCII(host), { allowPrivateDomains: true });
  if (domain === null || hostname === null || !(isIcann === true || isPrivate === true)) return undefined;
  if (!rented.has(domain)) return domain;
  return hostname === domain
    ? undefined
    : hostname
        .split('.')
        .slice(-domain.split('.').length - 1)
        .join('.');
}

/** What a domain is called under every ending, folded: `acme` for `acme.co.uk`. @param domain a registrable one */
export function domainLabel(domain: string): string {
  return fold(ownLabel(domain)).replace(/[^a-z0-9]/g, '');
}

/** The label as registered, readable: `bücher-schmidt` for `xn--bcher-schmidt-wob.de`. @param domain a registrable one */
export function ownLabel(domain: string): string {
  const label = domain.split('.')[0] ?? domain;
  return label.startsWith('xn--') ? domainToUnicode(label) || label : label;
}

/**
 * The domain of a web address, with or without a scheme, the first of several; an ending that nobody runs is a slip, and
 * the host is all there is. @returns undefined when there is none or it is no company's
 */
export function webDomain(website: string | undefined): string | undefined {
  for (const word of (website ?? '')
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .split(/[\s,;|]+/)) {
    const host = domainToASCII(getHostname(word.replace(/^https?[:;]?\/+|^https?:/, '')) ?? '');
    const bare = host.replace(/^www\d?\./, '').replace(/\.$/, '');
    if (!/\.[a-z][a-z0-9-]+$/.test(bare) || getHostname(bare) !== bare) continue;
    const domain = registrableDomain(bare) ?? (isSuffix(bare) ? undefined : bare);
    if (domain !== undefined) return isShared(domain) || isShared(bare) ? undefined : domain;
  }
  return undefined;
}

const isShared = (host: string): boolean => sharedHosts.has(host) || freeMailDomains.has(host);

/** `uk.com` and `vercel.app`: what others rent a name below. */
function isSuffix(host: string): boolean {
  const { publicSuffix, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true });
  return rented.has(host) || (publicSuffix === host && (isIcann === true || isPrivate === true));
}

/** Hosts whose every subdomain is another customer's, and which the public suffix list does not have. */
const rented: ReadonlySet<string> = new Set(
  `onmicrosoft.com sharepoint.com atlassian.net zendesk.com freshdesk.com wordpress.com jimdo.com jimdosite.com jimdofree.com
   weebly.com godaddysites.com strikingly.com mystrikingly.com tumblr.com substack.com hubspotpagebuilder.com canva.site
   business.site webnode.com ueniweb.com ionos.space squarespace.com over-blog.com fc2.com livejournal.com typepad.com
   bigcartel.com webador.com site123.me odoo.com teamtailor.com bamboohr.com personio.de recruitee.com workable.com`.split(
    /\s+/,
  ),
);

/** Sites that hold pages of many companies, and shorteners: the domain says nothing about which. */
const sharedHosts: ReadonlySet<string> = new Set(
  `linkedin.com linkedin.cn facebook.com fb.com instagram.com threads.net twitter.com x.com xing.com youtube.com tiktok.com
   pinterest.com pinterest.de snapchat.com reddit.com quora.com discord.com discord.gg twitch.tv vimeo.com dailymotion.com flickr.com
   behance.net dribbble.com soundcloud.com spotify.com issuu.com slideshare.net scribd.com academia.edu researchgate.net bsky.app
   mastodon.social vk.com ok.ru weibo.com line.me zalo.me wa.me t.me telegram.me telegram.org whatsapp.com viber.com kakao.com weixin.qq.com
   wix.com blogger.com webflow.com shopify.com medium.com github.com gitlab.com bitbucket.org notion.so about.me ghost.io beehiiv.com
   patreon.com ko-fi.com kickstarter.com indiegogo.com gumroad.com etsy.com etsy.me ebay.com ebay.de ebay.co.uk ebay.fr ebay.it
   ebay.es amazon.com amazon.de amazon.co.uk amazon.fr amazon.it amazon.es amazon.co.jp amazon.in alibaba.com aliexpress.com taobao.com
   tmall.com 1688.com made-in-china.com indiamart.com justdial.com tradeindia.com rakuten.co.jp booking.com airbnb.com expedia.com
   yelp.com yelp.de tripadvisor.com tripadvisor.de trustpilot.com houzz.com crunchbase.com angel.co wellfound.com producthunt.com
   opencorporates.com northdata.de northdata.com zoominfo.com dnb.com glassdoor.com indeed.com kununu.com stepstone.de
   wlw.de europages.com europages.de kompass.com yellowpages.com yell.com 11880.com dasoertliche.de dastelefonbuch.de gelbeseiten.de
   meinestadt.de pagesjaunes.fr paginasamarillas.es paginegialle.it paginebianche.it goldenpages.be goudengids.nl firmy.cz panoramafirm.pl
   hitta.se eniro.se allabolag.se proff.no krak.dk herold.at firmenabc.at local.ch search.ch 2gis.ru ameblo.jp note.com
   one.com eventbrite.com eventbrite.de meetup.com calendly.com typeform.com airtable.com canva.com surveymonkey.com
   maps.google.com sites.google.com docs.google.com drive.google.com forms.gle business.google.com plus.google.com
   g.page maps.app.goo.gl blog.naver.com cafe.naver.com smartstore.naver.com blog.daum.net
   t.co lnkd.in bit.ly tinyurl.com goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly t.ly rb.gy shorturl.at s.id tiny.cc amzn.to
   fb.me youtu.be wa.link qrco.de linkin.bio lnk.bio linktr.ee bio.link beacons.ai taplink.cc campsite.bio solo.to
   allmylinks.com heylink.me msha.ke flow.page dlvr.it v.gd tr.im bl.ink hubs.ly hubs.la mailchi.mp`.split(
    /\s+/,
  ),
);
