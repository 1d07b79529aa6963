import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { describeEnv, loadEnv } from '../../config/env';
import { searchAttributes } from '../../services/search-attributes';

const root = join(__dirname, '../..');

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly restart?: string;
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly configs?: readonly { readonly source: string }[];
  readonly volumes?: readonly string[];
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, unknown>>;
};
const dockerfile = read('Dockerfile');
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);
/** Those that end by themselves have nothing to ask about their health. */
const lasting = services.filter(([, service]) => service.restart === 'unless-stopped');

/** What a start with nothing set in the shell makes of a value. */
const unset = (value: string): string => value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
/** The image sets them, for what is inside a container. */
const leftOut = ['HOST', 'PORT'];

const pinned = /:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$/;

test.each(services)('%s names one version of its image', (_, { image }) => {
  expect(image).toMatch(pinned);
});

test('every stage of the Dockerfile starts from one version', () => {
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(bases).not.toEqual([]);
  for (const base of bases) expect(base).toMatch(pinned);
});

test.each(lasting)('%s says whether it is healthy', (_, { healthcheck }) => {
  expect(healthcheck?.test.length).toBeGreaterThan(1);
});

test('the image runs as an ordinary user, and no service changes that', () => {
  const users = [...dockerfile.matchAll(/^USER (\S+)/gm)].map(([, user]) => user);
  expect(users).toEqual(['node']);
  expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(dockerfile.lastIndexOf('FROM '));
  for (const [, { user }] of ours) expect(user).toBeUndefined();
});

test('it is valid by the Compose Specification, which refuses what it does not know', () => {
  const schema = JSON.parse(read('test/fixtures/compose-spec.json')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const { $schema: _draft7, ...rules } = schema; // under an address that ajv does not know it by
  const validate = ajv.compile(rules);
  expect(validate(compose) || validate.errors).toBe(true);
  const api = { ...compose.services['api'], restarts: 'always' };
  expect(validate({ ...compose, services: { api } })).toBe(false);
});

test.each(ours)(
  '%s is given every variable that the application knows, and no other',
  (_, { environment }) => {
    const known = new Set([...describeEnv(), ...describeEnv('crm')].map(({ name }) => name));
    expect([...Object.keys(environment ?? {}), ...leftOut].sort()).toEqual([...known].sort());
  },
);

test('what is not set in the shell is as without containers', () => {
  const given = Object.entries(compose.services['api']?.environment ?? {});
  const passed = given.filter(([name, value]) => value.startsWith(`\${${name}:-`));
  const env = loadEnv(Object.fromEntries(passed.map(([name, value]) => [name, unset(value)])));
  expect(env).toEqual({ ...loadEnv({}), PUBLIC_URL: 'http://localhost:8080' });
  const ownValue = given.filter(([name]) => !passed.some(([one]) => one === name)).map(([name]) => name);
  expect(ownValue).toEqual(['DATABASE_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'DATA_DIR']);
});

test('every variable of the Dockerfile but NODE_ENV is known too', () => {
  const known = describeEnv().map(({ name }) => name);
  const set = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, line]) =>
    [...line!.matchAll(/(\w+)=/g)].map(([, name]) => name),
  );
  expect(known).toEqual(expect.arrayContaining(set.filter((name) => name !== 'NODE_ENV')));
});

test('no port is open to other machines', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  expect(ports).not.toEqual([]);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('whatever a service waits for is there and can be waited for', () => {
  for (const [, { depends_on: needs }] of services) {
    for (const [name, { condition }] of Object.entries(needs ?? {})) {
      const needed = compose.services[name];
      const ends = needed?.restart?.startsWith('on-failure') === true;
      expect({ name, condition }).toEqual({
        name,
        condition: ends ? 'service_completed_successfully' : 'service_healthy',
      });
      expect(needed?.healthcheck === undefined).toBe(ends);
    }
  }
});

test('volumes and configs that are used are declared', () => {
  const used = services.flatMap(([, { volumes }]) => volumes ?? []).map((volume) => volume.split(':')[0]);
  expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(used)].sort());
  const configs = services.flatMap(([, service]) => service.configs ?? []).map(({ source }) => source);
  expect(Object.keys(compose.configs)).toEqual([...new Set(configs)]);
});

test('the worker is asked about on the queue it works', () => {
  expect(compose.services['worker']?.healthcheck?.test.at(-1)).toContain("taskQueue: { name: 'leads' }");
  expect(searchAttributes.length).toBeGreaterThan(0); // what `setup` registers
});
