import type { Pool } from 'pg';
import type { EnrichmentStore, KeptAnswer } from '../activities/ports-vendors';

/** Failures in a row after which a provider is left alone. */
const patience = 5;
/** Seconds it is left alone at first, doubled with every further failure, and at most. */
const pauseS = 60;
const pauseMaxS = 3_600;
/** How long one process has to find out whether a provider works again, before another one may try. */
const probeS = 30;
/** Answers too old to be used that go with each one that is kept. */
const droppedAtOnce = 100;

/** The cache, the budget and the circuit breaker of data providers, shared by all processes. */
export function createEnrichmentStore(pool: Pool): EnrichmentStore {
  return {
    mayAsk: async ({ provider, question, at, cacheMs, dailyMax }) => {
      const { rows } = await pool.query<{ kind: 'known' | 'ask'; answer: KeptAnswer | null }>({
        name: 'enrichment-may-ask',
        text: `WITH known AS (
                 SELECT answer FROM enrichment_answers
                 WHERE provider = $1 AND question = $2 AND at > $3::timestamptz - $4 * interval '1 ms'),
               gate AS (
                 INSERT INTO enrichment_providers AS p (provider, day, day_count)
                 SELECT $1, $5, 1 WHERE NOT EXISTS (SELECT FROM known)
                 ON CONFLICT (provider) DO UPDATE SET
                   day = excluded.day,
                   day_count = CASE WHEN p.day = excluded.day THEN p.day_count + 1 ELSE 1 END,
                   open_until = CASE WHEN p.failures >= $7 THEN $3::timestamptz + $8 * interval '1 s' ELSE p.open_until END
                 WHERE (p.open_until IS NULL OR p.open_until <= $3) AND (p.day IS DISTINCT FROM excluded.day OR p.day_count < $6)
                 RETURNING provider)
               SELECT 'known' AS kind, answer FROM known UNION ALL SELECT 'ask', NULL FROM gate`,
        values: [provider, question, at, cacheMs, at.slice(0, 10), dailyMax, patience, probeS],
      });
      const row = rows[0];
      if (!row) return { kind: 'closed' };
      return row.kind === 'known' ? { kind: 'known', answer: row.answer ?? undefined } : { kind: 'ask' };
    },
    answered: async ({ provider, question, at, answer, cacheMs }) => {
      await pool.query(
        `WITH kept AS (
           INSERT INTO enrichment_answers (provider, question, answer, at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (provider, question) DO UPDATE SET answer = excluded.answer, at = excluded.at),
         dropped AS (
           DELETE FROM enrichment_answers WHERE (provider, question) IN (
             SELECT provider, question FROM enrichment_answers
             WHERE provider = $1 AND at < $4::timestamptz - $5 * interval '1 ms' AND question <> $2
             ORDER BY at LIMIT $6 FOR UPDATE SKIP LOCKED))
         UPDATE enrichment_providers SET failures = 0, open_until = NULL, reason = NULL WHERE provider = $1`,
        [
          provider,
          question,
          answer === undefined ? null : JSON.stringify(answer),
          at,
          cacheMs,
          droppedAtOnce,
        ],
      );
    },
    failed: async ({ provider, at, code, counts, closedUntil }) => {
      await pool.query(
        `UPDATE enrichment_providers SET
           reason = $2,
           failures = failures + $3,
           open_until = GREATEST(open_until, $4::timestamptz, CASE
             WHEN failures + $3 >= $6 THEN $5::timestamptz + LEAST($7 * 2.0 ^ LEAST(failures + $3 - $6, 30), $8) * interval '1 s' END)
         WHERE provider = $1`,
        [provider, code, counts ? 1 : 0, closedUntil ?? null, at, patience, pauseS, pauseMaxS],
      );
    },
  };
}
