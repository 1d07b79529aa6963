import { createHmac } from 'node:crypto';
import { cancellationSignal, log } from '@temporalio/activity';
import { toInstant } from '../domain/instant';
import { ConnectorError } from './failures';
import type { Clock } from './ports';
import type { EnrichmentStore, KeptAnswer } from './ports-vendors';

/** What keeping answers takes. */
export interface AnswerKeeping {
  readonly enrichments: EnrichmentStore;
  readonly clock: Clock;
  /** Keeps the questions in the cache from being guessed. */
  readonly questionKey: Buffer;
}

export interface Question<Answer extends KeptAnswer> {
  readonly provider: string;
  /** What is asked, in words that are the same for the same question. */
  readonly text: string;
  /** Answers are good for so long. */
  readonly cacheMs: number;
  /** Questions to the provider in a UTC day. */
  readonly dailyMax: number;
  /** Whether "unknown" is good for so long too; otherwise it is asked again. */
  readonly keepsUnknown: boolean;
  readonly ask: (signal: AbortSignal) => Promise<Answer | undefined>;
}

/**
 * One question to one provider, unless the answer is known or its way is closed; what comes of it is kept for all
 * processes. @returns the answer, of whatever kind it was kept; why there is none when the provider failed
 */
export async function askKept<Answer extends KeptAnswer>(
  { enrichments, clock, questionKey }: AnswerKeeping,
  { provider, text, cacheMs, dailyMax, keepsUnknown, ask }: Question<Answer>,
): Promise<{ readonly answer?: KeptAnswer | undefined; readonly failed?: ConnectorError }> {
  // Hashed with a key, so that the cache is no list of people, nor a way to ask whether somebody is on it.
  const question = createHmac('sha256', questionKey).update(text).digest('hex');
  const at = toInstant(clock.now());
  const gate = await enrichments.mayAsk({ provider, question, at, cacheMs, dailyMax });
  if (gate.kind === 'known') return { answer: gate.answer };
  if (gate.kind === 'closed') return {};
  try {
    const answer = await ask(cancellationSignal());
    if (answer !== undefined || keepsUnknown)
      await enrichments.answered({ provider, question, at, answer, cacheMs });
    return { answer };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    log.warn('data provider failed', { provider, code: error.code });
    await enrichments.failed({ provider, at, ...consequenceOf(error, clock.now()) });
    return { failed: error };
  }
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What a failure means for the questions to come. */
function consequenceOf(
  { code, retryAfterMs }: ConnectorError,
  nowMs: number,
): Pick<Parameters<EnrichmentStore['failed']>[0], 'code' | 'counts' | 'closedUntil'> {
  switch (code) {
    case 'exhausted':
      // Looked at again when the next day begins in UTC.
      return { code, counts: false, closedUntil: toInstant((Math.floor(nowMs / dayMs) + 1) * dayMs) };
    case 'auth':
      return { code, counts: false, closedUntil: toInstant(nowMs + hourMs) };
    case 'rejected':
      return { code, counts: false };
    default:
      return retryAfterMs === undefined
        ? { code, counts: true }
        : { code, counts: true, closedUntil: toInstant(nowMs + retryAfterMs) };
  }
}
