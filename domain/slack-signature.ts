import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds a request may be old or early. */
const toleranceS = 300;

export type SlackVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'missing_header' | 'bad_timestamp' | 'bad_signature' | 'stale' };

/**
 * Checks that Slack made a request: hex HMAC-SHA256 over `v0:timestamp:body`, the body as sent. Authenticity is decided
 * before age, so a forger learns nothing about our clock.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifySlackRequest(
  secret: string,
  request: {
    readonly header: (name: string) => string | undefined;
    readonly body: Buffer;
    readonly nowMs: number;
  },
): SlackVerdict {
  const timestamp = request.header('x-slack-request-timestamp');
  const signature = request.header('x-slack-signature');
  if (!timestamp || !signature) return { ok: false, reason: 'missing_header' };
  if (!/^\d{1,16}$/.test(timestamp)) return { ok: false, reason: 'bad_timestamp' };
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(request.body).digest('hex');
  const [given, expected] = [Buffer.from(signature), Buffer.from(`v0=${digest}`)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { ok: false, reason: 'bad_signature' };
  const ageS = Math.floor(request.nowMs / 1_000) - Number(timestamp);
  return Math.abs(ageS) > toleranceS ? { ok: false, reason: 'stale' } : { ok: true };
}
