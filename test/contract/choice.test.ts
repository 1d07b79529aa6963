import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { createConnectors, type ConnectorDeps, type ConnectorEnv } from '../../connectors';
import { startFakeReceiver } from '../../connectors/notify/fake';
import type { NotifyChannels } from '../../activities/ports-vendors';
import { loadEnv } from '../../config/env';
import { clock, notification, patient, secret } from './examples';

const notifyKey = Buffer.alloc(32, 7);
const deps: ConnectorDeps = {
  clock,
  log: () => undefined,
  localCrm: { upsert: () => Promise.resolve({ externalId: 'local_1' }) },
  notifyKey,
};
const env = (variables: Record<string, string> = {}): ConnectorEnv => loadEnv(variables);

function failureIn(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

const channelsOf = ({ every, person }: NotifyChannels) => [
  every.map(({ channel }) => channel),
  person.map((ports) => ports.map(({ channel }) => channel)),
];

describe('createConnectors', () => {
  it('needs nothing: local CRM, no enrichment, the log', () => {
    const { crm, enrich, notify } = createConnectors(env(), deps);
    expect([crm.system, enrich, channelsOf(notify)]).toEqual(['local', [], [['log'], []]]);
  });

  it('takes every system that is configured', () => {
    const { crm, enrich, notify } = createConnectors(
      env({
        CRM: 'http',
        CRM_HTTP_URL: 'http://127.0.0.1:1/crm',
        CRM_HTTP_SECRET: secret,
        ENRICH_HTTP_URL: 'http://127.0.0.1:1/enrich',
        APOLLO_API_KEY: 'key',
        NOTIFY_WEBHOOK_URL: 'http://127.0.0.1:1/notify',
        SLACK_WEBHOOK_URL: 'http://127.0.0.1:1/slack',
        TEAMS_WEBHOOK_URL: 'http://127.0.0.1:1/teams',
        PAGERDUTY_ROUTING_KEY: 'key',
        SMTP_URL: 'smtp://127.0.0.1:1',
      }),
      deps,
    );
    expect([crm.system, enrich.map(({ provider }) => provider)]).toEqual(['http', ['http', 'apollo']]);
    expect(channelsOf(notify)).toEqual([['log', 'webhook', 'pagerduty'], [['slack', 'teams', 'smtp']]]);
  });

  it('reaches people in the order that is asked for, over what is configured', () => {
    const { notify } = createConnectors(
      env({
        NOTIFY_ORDER: 'teams>slack,smtp',
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_CHANNEL: 'C1',
        SMTP_URL: 'smtp://127.0.0.1:1',
      }),
      deps,
    );
    expect(channelsOf(notify)[1]).toEqual([['slack'], ['smtp']]);
  });

  it.each([
    [{ NOTIFY_ORDER: 'slack>pigeon' }, 'NOTIFY_ORDER'],
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, 'SLACK_CHANNEL'],
  ])('names what cannot be used of %j', (variables, name) => {
    expect(() => env(variables)).toThrow(name);
  });

  it.each([
    ['SLACK_BOT_TOKEN', 'xoxb\nSECRET'],
    ['HUBSPOT_TOKEN', 'SECRET\r\n'],
    ['SMTP_URL', 'smtp://u:50%SECRET@127.0.0.1:1'],
    ['CRM_HTTP_URL', 'https://u:50%SECRET@crm.example'],
  ])('refuses a %s that cannot be sent, and says nothing of its value', (name, value) => {
    const refusal = failureIn(() => env({ SLACK_CHANNEL: 'C1', [name]: value }));
    expect(refusal).toMatchObject({ name: 'ConfigError', message: expect.stringContaining(name) });
    expect(inspect(refusal)).not.toContain('SECRET');
  });

  const accounts: Record<string, Record<string, string>> = {
    hubspot: { HUBSPOT_TOKEN: 'pat-1' },
    salesforce: {
      SALESFORCE_URL: 'https://acme.my.salesforce.com',
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_CLIENT_SECRET: 'secret',
    },
    pipedrive: {
      PIPEDRIVE_URL: 'https://acme.pipedrive.com',
      PIPEDRIVE_CLIENT_ID: 'id',
      PIPEDRIVE_CLIENT_SECRET: 'secret',
      PIPEDRIVE_REFRESH_TOKEN: 'token',
    },
    tryton: { TRYTON_URL: 'http://127.0.0.1:8000/acme', TRYTON_KEY: 'key', TRYTON_COMPANY: '1' },
  };
  it.each(Object.keys(accounts))(
    'takes %s, at the pace of its smallest plan or at the one that is set',
    (CRM) => {
      const { crm, crmWritesPerSecond } = createConnectors(env({ CRM, ...accounts[CRM] }), deps);
      expect(crm.system).toBe(CRM);
      expect(crmWritesPerSecond).toBeGreaterThan(0);
      const faster = env({ CRM, ...accounts[CRM], CRM_WRITES_PER_SECOND: '20' });
      expect(createConnectors(faster, deps).crmWritesPerSecond).toBe(20);
    },
  );

  it('asks for changes at the pace of the smallest plan, or at the one that is set', () => {
    const at = (seconds: Record<string, string>) =>
      createConnectors(env({ CRM: 'hubspot', HUBSPOT_TOKEN: 'pat-1', ...seconds }), deps).crm.changes
        ?.everyMs;
    expect([at({}), at({ CRM_ASK_SECONDS: '30' })]).toEqual([1_000, 30_000]);
    expect(createConnectors(env(), deps).crm.changes).toBeUndefined();
  });

  it('takes the key of a certificate for Salesforce, also on one line', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2_048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const account = {
      CRM: 'salesforce',
      SALESFORCE_URL: 'https://acme.my.salesforce.com',
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_USERNAME: 'router@acme.com',
    };
    for (const pem of [privateKey, privateKey.replaceAll('\n', '\\n')])
      expect(createConnectors(env({ ...account, SALESFORCE_PRIVATE_KEY: pem }), deps).crm.system).toBe(
        'salesforce',
      );
    expect(() => env(account)).toThrow('SALESFORCE_PRIVATE_KEY');
  });

  it.each(Object.keys(accounts))('names what %s lacks, at the start', (CRM) => {
    const needed = Object.keys(accounts[CRM]!);
    for (const name of needed) {
      const { [name]: _left, ...others } = accounts[CRM]!;
      expect(() => env({ CRM, ...others })).toThrow(name);
    }
  });

  it.each([
    ['CRM', 'hubspott'],
    ['CRM_STATUS_WORDS', 'touched:Working'],
    ['CRM_STATUS_WORDS', 'worked=Working'],
    ['CRM_WRITES_PER_SECOND', '0'],
    ['HUBSPOT_URL', 'api.hubapi.com'],
    ['SALESFORCE_URL', 'acme'],
    ['SALESFORCE_PRIVATE_KEY', 'not a key'],
    ['CRM_OWNER_AUTHORITY', 'hubspot'],
    ['CRM_ASK_SECONDS', '0'],
    ['SALESFORCE_API_VERSION', '67'],
    ['TRYTON_COMPANY', 'acme'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(() => env({ [name]: value })).toThrow(name);
  });

  it('reads what the CRM calls our statuses', () => {
    const { CRM_STATUS_WORDS } = env({ CRM_STATUS_WORDS: 'assigned=Open - Not Contacted, touched=Working' });
    expect(CRM_STATUS_WORDS).toEqual({ assigned: 'Open - Not Contacted', touched: 'Working' });
  });

  it('names what the http CRM lacks', () => {
    expect(() => createConnectors({ ...env(), CRM: 'http' }, deps)).toThrow('CRM_HTTP_URL');
  });

  it.each([
    ['the configured secret', { NOTIFY_WEBHOOK_SECRET: secret }, secret],
    ['the instance’s own key without one', {}, `whsec_${notifyKey.toString('base64')}`],
  ])('signs notifications with %s', async (_what, variables, expected) => {
    const receiver = await startFakeReceiver({ secret: expected });
    const { notify } = createConnectors(env({ NOTIFY_WEBHOOK_URL: receiver.url, ...variables }), deps);
    await Promise.all(notify.every.map((port) => port.send(notification(), patient())));
    expect(receiver.received).toHaveLength(1);
    await receiver.close();
  });
});
