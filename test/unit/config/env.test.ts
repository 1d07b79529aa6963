import { ConfigError, describeEnv, loadEnv } from '../../../config/env';

const names = [...describeEnv(), ...describeEnv('crm')].map(({ name }) => name);

test.each(['', ' '])('a variable that is set to nothing (%j) counts as absent', (nothing) => {
  expect(loadEnv(Object.fromEntries(names.map((name) => [name, nothing])))).toEqual(loadEnv({}));
});

test('what is no address is told so, and nothing else', () => {
  expect(() => loadEnv({ PUBLIC_URL: 'foo' })).toThrow(
    /PUBLIC_URL: expected an http:\/\/ or https:\/\/ URL$/m,
  );
  expect(() => loadEnv({ PUBLIC_URL: 'foo' })).not.toThrow(/percent-encoded/);
  expect(() => loadEnv({ PUBLIC_URL: 'https://a:100%@b.example' })).toThrow(/percent-encoded/);
});

test.each(['CRM_HTTP_SECRET', 'NOTIFY_WEBHOOK_SECRET'])('%s must hold a key', (name) => {
  for (const secret of ['not base64!', 'whsec_', 'whsec_a b']) {
    const attempt = () => loadEnv({ [name]: secret });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(`${name}: expected whsec_ and a key in base64`);
  }
  expect(loadEnv({ [name]: 'whsec_c2VjcmV0IG9mIGEgQ1JN' })).toMatchObject({
    [name]: 'whsec_c2VjcmV0IG9mIGEgQ1JN',
  });
});
