import { createPipedriveCrm } from '../../connectors/crm/pipedrive';
import { createSalesforceCrm } from '../../connectors/crm/salesforce';
import { createOutbound } from '../../connectors/outbound';
import { clock, crmLead, failureOf, patient } from './examples';
import { startRecorder, type Recorder } from './recorder';

/** Adapters whose token names where the account is; `url` is what the environment says of it. */
const adapters = {
  salesforce: (url: string, outbound = createOutbound()) =>
    createSalesforceCrm({
      url,
      auth: { clientId: 'client', clientSecret: 'word' },
      version: 'v67.0',
      clock,
      outbound,
    }),
  pipedrive: (url: string, outbound = createOutbound()) =>
    createPipedriveCrm({
      url,
      tokenUrl: `${url}/oauth/token`,
      auth: { clientId: 'client', clientSecret: 'word', refreshToken: 'refresh' },
      clock,
      outbound,
    }),
};

/** Gives out a token for an account at `address`, and takes no other call. */
const startVendor = (address: (own: string) => string): Promise<Recorder> => {
  const started = startRecorder(({ url, headers }) => {
    const own = `http://${headers['host'] ?? ''}`;
    const at = address(own);
    return url.includes('/token')
      ? { status: 200, text: JSON.stringify({ access_token: 't', instance_url: at, api_domain: at }) }
      : { status: 404, text: '{}' };
  });
  return started;
};

describe.each(['salesforce', 'pipedrive'] as const)('%s', (vendor) => {
  test.each([
    ['http://elsewhere.example', 'malformed'],
    ['ftp://elsewhere.example', 'malformed'],
    ['https://127.0.0.1:1', 'rejected'],
    ['https://10.0.0.1', 'rejected'],
    ['https://169.254.169.254', 'rejected'],
  ])('sends its token not to %s, though an answer says so', async (address, code) => {
    const { url } = await startVendor(() => address);
    const failure = await failureOf(adapters[vendor](url).upsertLead(crmLead('one'), 'key', patient()));
    expect(failure.code).toBe(code);
  });

  it('sends it to the address of the environment, and to one that is allowed', async () => {
    const own = await startVendor((address) => address);
    await failureOf(adapters[vendor](own.url).upsertLead(crmLead('one'), 'key', patient()));
    expect(own.requests.at(-1)?.url).not.toContain('/token');
    const other = await startVendor(() => 'https://127.0.0.1:1');
    const allowed = adapters[vendor](other.url, createOutbound('127.0.0.1'));
    const failure = await failureOf(allowed.upsertLead(crmLead('one'), 'key', patient()));
    expect(failure.code).toBe('unreachable');
  });
});
