// Writes examples/leads.jsonl: 300 invented leads, the same ones on every run.
//   node examples/make-leads.mjs > examples/leads.jsonl
// Nobody here exists: companies live under .example, free-mail addresses start with "fictional.", and phone numbers
// come from the ranges reserved for drama and fiction (US 555-01xx, Ofcom, Bundesnetzagentur, ARCEP, ACMA, PTS).
// Countries without such a range get leads without a phone. The name tables are small on purpose, so that some people
// come back with another request.
import { asciiDomains, companyNames, countries } from './lead-material.mjs';

const counts = { colleague: 200, freeMail: 45, roleMailbox: 12, exactDuplicate: 12, nearDuplicate: 25 };

/** Mulberry32: small, and the same on every machine. */
let state = 20_261_124;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}
const below = (limit) => Math.floor(random() * limit);
const pick = (list) => list[below(list.length)];
const chance = (share) => random() < share;
const digits = (number, length) => String(number).padStart(length, '0');
const randomDigits = (length) => digits(below(10 ** length), length);
const phoneIn = (country, area) => countries[country].phone(area, randomDigits);

const legalForms = /\b(gmbh|ggmbh|ag|kg|co|sas|sa|ltd|llp|ab|inc|llc|pty|pvt|ltda|s a)\b/g;

/** ä → ae for German readers, every other accent dropped. */
const ascii = (text) =>
  text
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[^ -~]/g, '');
const slug = (text) =>
  ascii(text)
    .replace(/[^a-z0-9]+/g, ' ')
    .replace(legalForms, ' ')
    .trim()
    .replace(/ +/g, '-');

const companies = Object.entries(companyNames).flatMap(([country, names]) =>
  names.map((name) => {
    const [city, postalCode, area] = pick(countries[country].towns);
    const switchboard = area && phoneIn(country, area);
    return {
      name,
      country,
      city,
      postalCode,
      area,
      switchboard,
      domain: `${asciiDomains[name] ?? slug(name)}.example`,
    };
  }),
);

const events = [
  'demo_request',
  'demo_request',
  'contact_sales',
  'pricing_page',
  'trial_signup',
  'webinar',
  'webinar',
  'whitepaper',
  'newsletter',
  undefined,
];
const sources = ['website', 'website', 'google-ads', 'linkedin', 'webinar', 'partner', 'trade-fair'];
let serial = 0;

function circumstances(country) {
  serial += 1;
  const source = pick(sources);
  const event = pick(events);
  const campaign = chance(0.4) ? pick(['autumn-launch', 'warehouse-2026', 'retarget-q4']) : undefined;
  const utm = { ...(event && { event }), ...(campaign && { campaign, medium: 'cpc' }) };
  return {
    source,
    ...(chance(0.35) && { message: countries[country].message }),
    ...(chance(0.85) && { consent: chance(0.9) }),
    ...(Object.keys(utm).length > 0 && { utm }),
    ...(chance(0.6) && { externalId: `${source}-${digits(serial, 5)}` }),
  };
}

function person(country) {
  const local = countries[country];
  const index = below(local.first.length);
  const [firstName, lastName] = [local.first[index], local.latin ? local.last[index] : pick(local.last)];
  return { firstName, lastName, mailName: local.latin?.[index] ?? `${slug(firstName)}.${slug(lastName)}` };
}

function colleague() {
  const company = pick(companies);
  const { country, city, postalCode, area, switchboard, domain } = company;
  const { firstName, lastName, mailName } = person(country);
  const phone = switchboard && chance(0.3) ? switchboard : area && phoneIn(country, area);
  return {
    firstName,
    lastName,
    email: `${mailName}@${domain}`,
    ...(phone && chance(0.7) && { phone }),
    ...(chance(0.9) && { company: company.name }),
    ...(chance(0.3) && { website: `https://www.${domain}/` }),
    ...(chance(0.75) && { title: pick(countries[country].titles) }),
    ...(chance(0.9) && { country }),
    ...(chance(0.6) && { city }),
    ...(postalCode && chance(0.5) && { postalCode }),
    ...circumstances(country),
  };
}

function freeMail() {
  const country = pick(Object.keys(countries));
  const { firstName, lastName, mailName } = person(country);
  const provider = pick([
    'gmail.com',
    'outlook.com',
    'yahoo.com',
    country === 'DE' ? 'gmx.de' : 'icloud.com',
  ]);
  const area = pick(countries[country].towns)[2];
  return {
    ...(chance(0.9) && { firstName }),
    lastName,
    email: `fictional.${mailName}.${digits(serial, 4)}@${provider}`,
    ...(area && chance(0.4) && { phone: phoneIn(country, area) }),
    ...(chance(0.7) && { country }),
    ...circumstances(country),
  };
}

function roleMailbox() {
  const company = pick(companies);
  const { country, domain, switchboard } = company;
  return {
    email: `${pick(['info', 'office', 'kontakt', 'sales', 'hello'])}@${domain}`,
    ...(switchboard && { phone: switchboard }),
    company: company.name,
    country,
    ...circumstances(country),
  };
}

/** The same person again, as people and forms really send it: other case, accents, order, phone format. */
function nearDuplicate({ externalId, ...lead }) {
  const changes = [
    { email: lead.email.toUpperCase(), firstName: lead.firstName.toLowerCase() },
    { firstName: lead.lastName, lastName: lead.firstName },
    { email: lead.email.replace('@', '+web@'), title: undefined, company: lead.company?.toUpperCase() },
  ];
  // Only names in Latin letters have a spelling without accents.
  if (ascii(lead.lastName) !== '')
    changes.push({
      firstName: ascii(lead.firstName),
      lastName: ascii(lead.lastName).toUpperCase(),
      email: ` ${lead.email} `,
    });
  const format = lead.phone && lead.country && countries[lead.country].localPhone;
  return {
    ...lead,
    ...pick(changes),
    ...(format && { phone: format(lead.phone) }),
    source: pick(sources),
    ...(externalId && { externalId: `again-${externalId}` }),
  };
}

const refused = [
  { firstName: 'Nobody', lastName: 'Reachable', company: 'Copperfield Analytics Inc.', message: 'call me' },
  { email: '', phone: '', firstName: 'asdf', lastName: 'asdf' },
  { email: 'not-an-address', firstName: 'Test', lastName: 'Test' },
  { email: 'two@@signs.example', lastName: 'Typo' },
  { email: 'nobody@', firstName: 'Half', lastName: 'Written' },
  { email: 'spaces in@the.middle.example', lastName: 'Spacer' },
].map((lead) => ({ ...lead, source: 'website', utm: { expect: 'refused' } }));

const times = (count, make) => Array.from({ length: count }, make);
const ordered = (lead) => ({ lead, order: random() });
const people = [...times(counts.colleague, colleague), ...times(counts.freeMail, freeMail)].map(ordered);
const mailboxes = times(counts.roleMailbox, roleMailbox).map(ordered);

/** Copies of different people, each somewhere after its original. */
const named = people.filter(({ lead }) => lead.firstName);
function copies(count, copy) {
  return times(count, () => {
    const [{ lead, order }] = named.splice(below(named.length), 1);
    return { lead: copy(lead), order: order + random() * (1 - order) };
  });
}
const duplicates = [
  ...copies(counts.exactDuplicate, (lead) => lead),
  ...copies(counts.nearDuplicate, nearDuplicate),
];
const stream = [...people, ...mailboxes, ...duplicates]
  .sort((a, b) => a.order - b.order)
  .map(({ lead }) => lead);

for (const lead of [...stream, ...refused]) process.stdout.write(`${JSON.stringify(lead)}\n`);
