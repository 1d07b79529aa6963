import type { Pool, PoolClient } from 'pg';
import { compare } from '../domain/identity/compare';
import { decide, type IdentityDecision } from '../domain/identity/decide';
import { countHousehold, noHouseholds, relativesOf } from '../domain/identity/household';
import { keysOf } from '../domain/identity/keys';
import { countName, countNames, learnLevels, type Observation } from '../domain/identity/learn';
import { defaultModel, type IdentityModel } from '../domain/identity/model';
import type { Traits } from '../domain/identity/traits';
import { transaction } from './client';
import { saveModel } from './identity-models';
import { candidatesOf, findBearers } from './sql/identity-keys';

/** Leads that are looked back at; more teach no more. */
const lessonLeads = 4_000;
const page = 5_000;

/** What a new model would have decided differently about the leads it was learned from. */
export interface LessonReport {
  readonly people: number;
  readonly leads: number;
  readonly before: Readonly<Record<IdentityDecision['kind'], number>>;
  readonly after: Readonly<Record<IdentityDecision['kind'], number>>;
  /** Leads that would have got another answer. */
  readonly changed: number;
}

/**
 * Learns from what the instance has seen: counts the names of everybody, then weighs the latest leads against the people
 * known, as if each came anew. Nothing changes by it: the result is a draft with a report.
 */
export async function learnModel(
  pool: Pool,
  current: IdentityModel,
  say: (line: string) => void,
): Promise<{ readonly version: number; readonly report: LessonReport }> {
  return transaction(pool, async (client) => {
    const { people, names } = await countPeople(client, say);
    const lessons = await lookBack(client, say);
    const model = learnLevels(lessons, {
      ...defaultModel,
      ...names,
      relatives: relativesSeen(lessons, current),
      acceptBits: current.acceptBits,
      reviewBits: current.reviewBits,
    });
    const [before, after] = [current, model].map((one) => lessons.map((lesson) => again(lesson, one)));
    const report: LessonReport = {
      people,
      leads: lessons.length,
      before: tally(before ?? []),
      after: tally(after ?? []),
      changed: (before ?? []).filter((kind, place) => kind !== after?.[place]).length,
    };
    return { version: await saveModel(client, model, report), report };
  });
}

async function countPeople(
  client: PoolClient,
  say: (line: string) => void,
): Promise<{ readonly people: number; readonly names: ReturnType<typeof countNames> }> {
  const counts = {
    given: new Map<string, number>(),
    family: new Map<string, number>(),
    full: new Map<string, number>(),
  };
  let people = 0;
  for (let after = 0; ;) {
    const { rows } = await client.query<{ person: number; traits: Traits }>(
      `SELECT DISTINCT ON (person) person, traits FROM identity_traits WHERE person > $1 AND person <= $1 + $2 ORDER BY person, seq`,
      [after, page],
    );
    for (const { traits } of rows) countName(counts, traits);
    people += rows.length;
    after += page;
    const { rows: rest } = await client.query(`SELECT 1 FROM identity_traits WHERE person > $1 LIMIT 1`, [
      after,
    ]);
    say(`counted the names of ${String(people)} people`);
    if (rest.length === 0) return { people, names: countNames(counts, Math.max(1, people)) };
  }
}

interface Lesson extends Observation {
  readonly candidates: Parameters<typeof decide>[1];
  readonly census: Parameters<typeof decide>[3];
}

async function lookBack(client: PoolClient, say: (line: string) => void): Promise<readonly Lesson[]> {
  const { rows } = await client.query<{ leadId: string; traits: Traits }>(
    `SELECT lead_id AS "leadId", traits FROM identity_traits ORDER BY seq DESC LIMIT $1`,
    [lessonLeads],
  );
  const lessons: Lesson[] = [];
  for (const { leadId, traits } of rows) {
    const { numbers, census } = await findBearers(client, keysOf(traits));
    const candidates = await candidatesOf(client, numbers, leadId);
    const pairs = candidates.map((one) => ({ evidence: compare(traits, one.traits), census }));
    lessons.push({ lead: traits, pairs, candidates, census });
    if (lessons.length % 1_000 === 0)
      say(`looked back at ${String(lessons.length)} of ${String(rows.length)} leads`);
  }
  return lessons;
}

function relativesSeen(lessons: readonly Lesson[], model: IdentityModel): number {
  const counts = noHouseholds();
  for (const lesson of lessons) {
    const pairs = lesson.pairs.map(({ evidence }, place) => ({
      evidence,
      person: lesson.candidates[place]?.traits ?? [],
    }));
    countHousehold(counts, again(lesson, model) === 'known', pairs);
  }
  return relativesOf(counts);
}

const again = ({ lead, candidates, census }: Lesson, model: IdentityModel): IdentityDecision['kind'] =>
  decide(lead, candidates, model, census).kind;

function tally(kinds: readonly IdentityDecision['kind'][]): LessonReport['before'] {
  const of = (kind: IdentityDecision['kind']): number => kinds.filter((one) => one === kind).length;
  return { known: of('known'), review: of('review'), new: of('new') };
}
