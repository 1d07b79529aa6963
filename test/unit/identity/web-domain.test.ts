import { matchAccount } from '../../../domain/identity/account';
import { firmOf } from '../../../domain/identity/traits';
import { readMailbox } from '../../../domain/identity/email';
import { domainLabel, registrableDomain, webDomain } from '../../../domain/identity/web-domain';

test.each([
  ['shop.acme.co.uk/contact', 'acme.co.uk'],
  ['https://www.acme.de', 'acme.de'],
  ['HTTP//ACME.DE', 'acme.de'],
  ['http:/acme.de', 'acme.de'],
  ['www.acme.uk.com', 'acme.uk.com'],
  ['acme.vercel.app', 'acme.vercel.app'],
  ['eu.acme.sharepoint.com/x', 'acme.sharepoint.com'],
  ['acme.wordpress.com', 'acme.wordpress.com'],
  ['bücher-schmidt.de', 'xn--bcher-schmidt-wob.de'],
  ['ａｃｍｅ．ｄｅ', 'acme.de'],
  ['web: acme.de, acme.com', 'acme.de'],
  ['www.acme.example', 'acme.example'],
])('the web address %p is of %p', (typed, domain) => {
  expect(webDomain(typed)).toBe(domain);
});

test.each([
  'https://www.linkedin.com/company/acme',
  'lnkd.in/abc',
  'https://t.co/abc',
  'linktr.ee/acme',
  'sites.google.com/view/acme',
  'vercel.app',
  'gmail.com',
  'www.gmx.de',
  'uk.com',
  'co.uk',
  'onmicrosoft.com',
  'localhost',
  '127.0.0.1',
  'none',
  'n/a',
  '',
])('the web address %p is no company of its own', (typed) => {
  expect(webDomain(typed)).toBeUndefined();
});

test('google.com is a company, whose pages for others are not', () => {
  expect(webDomain('https://www.google.com')).toBe('google.com');
});

test.each([
  ['acme.co.uk', 'acme'],
  ['acme.uk.com', 'acme'],
  ['acme.vercel.app', 'acme'],
  ['xn--bcher-schmidt-wob.de', 'bucherschmidt'],
])('%p is called %p under every ending', (domain, label) => {
  expect(domainLabel(domain)).toBe(label);
});

test('two tenants of one host are two accounts, an IDN on the web and in the mail is one', () => {
  const known = { id: 'acc', firms: [firmOf({ website: 'acme.vercel.app' }, undefined)!], places: [] };
  expect(matchAccount({ core: [], domains: ['other.vercel.app'] }, [], [known], 'separate')).toBeUndefined();
  expect(
    firmOf({ website: 'bücher-schmidt.de' }, readMailbox('x@xn--bcher-schmidt-wob.de'))?.domains,
  ).toHaveLength(1);
});

test('a company name with a dot in it is no domain', () => {
  expect(firmOf({ company: 'St.Gobain' }, undefined)?.domains).toEqual([]);
  expect(firmOf({ company: 'acme.de' }, undefined)).toEqual({ core: [], domains: ['acme.de'] });
  expect(registrableDomain('st.gobain')).toBeUndefined();
});
