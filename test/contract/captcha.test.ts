import { startFakeCaptcha, type FakeCaptcha } from '../../connectors/captcha/fake';
import { createCaptcha } from '../../connectors/captcha/siteverify';
import { isDisposable } from '../../connectors/disposable-mail';
import { captchaProviders, type CaptchaProvider } from '../../domain/gate';
import { failureOf } from './examples';

let fake: FakeCaptcha;
beforeEach(async () => {
  fake = await startFakeCaptcha();
});
afterEach(() => fake.close());

const verify = (token: string, changes: object = {}, provider: CaptchaProvider = 'recaptcha') =>
  createCaptcha({ clock: { now: Date.now }, url: fake.url }).verify(
    { provider, secret: fake.secret, token, minScore: 0.5, client: '192.0.2.7', ...changes },
    new AbortController().signal,
  );

describe.each(captchaProviders)('%s', (provider) => {
  test('a solved widget passes, a token from nowhere does not', async () => {
    await expect(verify(fake.solve(), {}, provider)).resolves.toBe('passed');
    await expect(verify('made-up', {}, provider)).resolves.toBe('failed');
  });

  test('a token that was used or ran out says nothing about the person', async () => {
    const token = fake.solve();
    await verify(token, {}, provider);
    await expect(verify(token, {}, provider)).resolves.toBe('unknown');
  });

  test('a wrong secret is ours to correct, and an outage passes', async () => {
    const wrong = await failureOf(verify(fake.solve(), { secret: 'other' }, provider));
    expect(wrong).toMatchObject({ code: 'setup', message: `${provider}: invalid-input-secret` });
    fake.failNext('error');
    expect(await failureOf(verify(fake.solve(), {}, provider))).toMatchObject({ code: 'busy' });
    fake.failNext('malformed');
    await expect(verify(fake.solve(), {}, provider)).rejects.toMatchObject({ code: 'busy' });
  });
});

test('a score below the least does not pass; only reCAPTCHA’s is one of trust', async () => {
  await expect(verify(fake.solve({ score: 0.3 }))).resolves.toBe('failed');
  await expect(verify(fake.solve({ score: 0.3 }), { minScore: 0.2 })).resolves.toBe('passed');
  await expect(verify(fake.solve({ score: 0.3 }), {}, 'hcaptcha')).resolves.toBe('passed');
});

test('throw-away mailboxes are known, providers of real ones are none of them', () => {
  expect(['mailinator.com', 'guerrillamail.com', 'yopmail.com'].filter(isDisposable)).toHaveLength(3);
  const real = [
    'gmail.com',
    'outlook.com',
    'yahoo.com',
    'icloud.com',
    'gmx.de',
    'web.de',
    'proton.me',
    'example.com',
  ];
  expect(real.filter(isDisposable)).toEqual([]);
});
