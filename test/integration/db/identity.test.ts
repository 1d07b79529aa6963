import { Pool } from 'pg';
import { createIdentityModels, publishModel } from '../../../db/identity-models';
import { learnModel } from '../../../db/identity-lessons';
import { createIdentityStore } from '../../../db/identity-store';
import { ownFacts } from '../../../domain/identity/facts';
import { defaultModel } from '../../../domain/identity/model';
import { traitsOf } from '../../../domain/identity/traits';
import { deriveLeadId, mintId, type LeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';
import type { LeadFields } from '../../../domain/lead';
import { cloneDatabase, type TestDatabase } from '../../support/database';

const noPolicy = { live: () => Promise.resolve(undefined) };
let database: TestDatabase;
let pool: Pool;
let store: ReturnType<typeof createIdentityStore>;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = new Pool({ connectionString: database.url, max: 24, pipeline: true });
  store = createIdentityStore(pool, createIdentityModels(pool, noPolicy));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

let sent = 0;
async function identify(fields: LeadFields) {
  const leadId = deriveLeadId('test', String(sent++));
  const at = toInstant(Date.now());
  await pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at) VALUES ($1, 'test', $1, '{}', $2, $3)`,
    [leadId, JSON.stringify(fields), at],
  );
  return repeat(leadId, fields);
}

function repeat(leadId: LeadId, fields: LeadFields) {
  const at = toInstant(Date.now());
  const [newPersonId, newAccountId, newReviewId] = [
    mintId('person', sent),
    mintId('account', sent),
    mintId('review', sent),
  ];
  const { facts } = ownFacts(fields, 'test');
  return store.identify({
    leadId,
    at,
    traits: traitsOf(fields),
    newPersonId,
    newAccountId,
    newReviewId,
    profile: fields,
    facts,
    enrichment: {},
  });
}

test('200 variants of one person at once, only some of which share a key, end as one person', async () => {
  const first = ['Friedhold', 'friedhold', 'FRIEDHOLD', 'Dr. Friedhold', 'Friedhold R.'];
  const last = ['Quettmeyer', 'quettmeyer', 'Quettmeyr', 'Quettmeier'];
  const variants = Array.from({ length: 200 }, (_, place): LeadFields => {
    const name = { firstName: first[place % 5]!, lastName: last[place % 4]! };
    if (place % 3 === 0) return { ...name, email: 'friedhold.quettmeyer@vanderhart-optik.de' };
    if (place % 3 === 1)
      return { ...name, email: 'friedhold.quettmeyer@vanderhart-optik.de', phone: '+49 170 8812345' };
    return { ...name, phone: '0170 8812345', country: 'DE', company: 'Vanderhart Optik GmbH' };
  });
  const found = await Promise.all(variants.map((fields) => identify(fields)));
  expect(new Set(found.map(({ personId }) => personId)).size).toBe(1);
  expect(found.filter(({ kind }) => kind === 'new')).toHaveLength(1);
  const [counts] = await database.query(
    `SELECT (SELECT count(*)::int FROM people) AS people, (SELECT count(*)::int FROM accounts) AS accounts, (SELECT count(*)::int FROM identity_traits) AS traits`,
  );
  expect(counts).toEqual({ people: 1, accounts: 1, traits: 200 });
});

test('a second call for the same lead gives the same answer and writes nothing more', async () => {
  const fields = { firstName: 'Ilse', lastName: 'Brandtner', email: 'ilse.brandtner@hartlieb-druck.at' };
  const before = await identify(fields);
  const rows = () =>
    database.query(
      `SELECT (SELECT count(*)::int FROM identity_keys) AS keys, (SELECT count(*)::int FROM timeline) AS events`,
    );
  const written = await rows();
  expect(await repeat(deriveLeadId('test', String(sent - 1)), fields)).toMatchObject({
    personId: before.personId,
  });
  expect(await rows()).toEqual(written);
});

test('a doubtful lead is a new person with one open review, and its timeline says why', async () => {
  await identify({
    firstName: 'Wendelin',
    lastName: 'Obermoser',
    email: 'w.obermoser@kaltenbach-holz.de',
    city: 'Kassel',
  });
  const doubtful = await identify({
    firstName: 'Wendelin',
    lastName: 'Obermoser',
    phone: '+49 561 998812',
    city: 'Kassel',
  });
  expect(doubtful.kind).toBe('new');
  const [review] = await database.query(
    `SELECT state, bits, reasons FROM identity_reviews WHERE person_id = $1`,
    [doubtful.personId],
  );
  expect(review).toMatchObject({ state: 'open' });
  const [event] = await database.query(
    `SELECT details FROM timeline WHERE what = 'identified' AND details ->> 'personId' = $1`,
    [doubtful.personId],
  );
  expect(event?.['details']).toMatchObject({ person: 'new', maybe: expect.stringMatching(/^per_/) });
});

test('a mailbox that a person has not used for twenty leads still finds him', async () => {
  const person = { firstName: 'Ottokar', lastName: 'Brzezinka' };
  const { personId } = await identify({ ...person, email: 'ottokar@brzezinka-stahl.de' });
  const later = { ...person, email: 'okb1971@gmx.de', phone: '+49 170 5512399' };
  await identify({ ...person, email: 'ottokar@brzezinka-stahl.de', phone: '+49 170 5512399' });
  for (let place = 0; place < 25; place++) expect(await identify(later)).toMatchObject({ personId });
  expect(await identify({ email: 'ottokar@brzezinka-stahl.de' })).toMatchObject({ personId });
});

test('routing and a preview ask one matcher', async () => {
  const fields = {
    firstName: 'Malin',
    lastName: 'Ekdahlsson',
    email: 'malin@fjallstrom-verktyg.se',
    company: 'Fjällström Verktyg AB',
  };
  await identify(fields);
  const other = { firstName: 'Malin', lastName: 'Ekdahlson', email: 'malin@fjallstrom-verktyg.se' };
  const facts = await store.recall({ traits: traitsOf(other), facts: ownFacts(other, 'test').facts });
  expect(facts.match).toMatchObject({ knownPerson: true, knownAccount: true });
});

test('an instance learns a draft from what it saw, which decides once it is published', async () => {
  const learned = await learnModel(pool, defaultModel, () => undefined);
  expect(learned.report.leads).toBeGreaterThan(200);
  expect(learned.report.before.known).toBeGreaterThan(190);
  const states = () => database.query(`SELECT version, state FROM identity_models ORDER BY version`);
  expect(await states()).toEqual([{ version: learned.version, state: 'draft' }]);
  const client = await pool.connect();
  expect(await publishModel(client, learned.version)).toBe(true);
  expect(await publishModel(client, 999)).toBe(false);
  client.release();
  expect(await states()).toEqual([{ version: learned.version, state: 'live' }]);
  const { model } = await createIdentityModels(pool, noPolicy).current();
  expect(model.m.given['same']).toBeGreaterThan(0.5);
  expect(model.shares.given).toBeInstanceOf(Map);
});

test('what a person did in other leads is told with its age and band, merged leads included', async () => {
  const person = { firstName: 'Ria', lastName: 'Holm', email: 'ria.holm@fades.example' };
  const first = await identify({ ...person, utm: { event: 'webinar' } });
  const second = await identify({ ...person, utm: { event: 'demo_request' } });
  expect([first.kind, second.kind]).toEqual(['new', 'merged']);
  const [{ id } = { id: '' }] = (
    await pool.query<{ id: LeadId }>(`SELECT id FROM leads WHERE person_id = $1 ORDER BY seq LIMIT 1`, [
      first.personId,
    ])
  ).rows;
  await pool.query(`UPDATE leads SET band = 'warm' WHERE id <> $1 AND person_id = $2`, [id, first.personId]);
  expect(await store.otherEvents(first.personId, id as LeadId)).toEqual([
    { event: 'demo_request', at: expect.any(String), band: 'warm' },
  ]);
});
