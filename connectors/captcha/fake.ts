import { json, startFakeServer, type FakeControls, type FakeReply, type FakeRequest } from '../fake-server';

export interface FakeCaptcha extends FakeControls {
  readonly secret: string;
  /** A token that passes once, as a solved widget gives it to the form. */
  solve(options?: { readonly score?: number }): string;
  /** From now on every request is told that the service is down, or no longer. */
  setAway(away: boolean): void;
  requests(): number;
}

/** The `siteverify` of hCaptcha, Turnstile and reCAPTCHA: a form in, JSON out, each token good once. */
export async function startFakeCaptcha(options: { readonly port?: number } = {}): Promise<FakeCaptcha> {
  const secret = 'captcha-secret';
  const tokens = new Map<string, { readonly score?: number; used: boolean }>();
  let made = 0;
  let away = false;

  const formOf = ({ body }: FakeRequest): URLSearchParams => new URLSearchParams(body.toString('utf8'));
  const refuse = (code: string): FakeReply => json(200, { success: false, 'error-codes': [code] });

  const server = await startFakeServer({
    ...options,
    check: (request) => {
      if (away) return { status: 503, text: 'service unavailable' };
      const proper = request.header('content-type') === 'application/x-www-form-urlencoded';
      if (request.method !== 'POST' || !proper) return refuse('bad-request');
      const form = formOf(request);
      if (form.get('secret') !== secret) return refuse('invalid-input-secret');
      return form.get('response') ? undefined : refuse('missing-input-response');
    },
    act: (request) => {
      const token = tokens.get(formOf(request).get('response') ?? '');
      if (!token) return refuse('invalid-input-response');
      if (token.used) return refuse('timeout-or-duplicate');
      token.used = true;
      const score = token.score === undefined ? {} : { score: token.score };
      return json(200, { success: true, 'error-codes': [], hostname: 'shop.example', ...score });
    },
  });
  return {
    ...server,
    secret,
    solve: (how = {}) => {
      made += 1;
      const token = `token-${String(made)}`;
      tokens.set(token, { ...how, used: false });
      return token;
    },
    setAway: (isAway) => {
      away = isAway;
    },
  };
}
