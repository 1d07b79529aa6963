import { Ajv } from 'ajv';
import { startFakePagerDuty, type FakePagerDuty } from '../../connectors/notify/fake';
import { createPagerDutyNotifier } from '../../connectors/notify/pagerduty';
import { clock, notification, patient, personal } from './examples';
import { findSpec } from './vendor-spec';

/** PagerDuty's document has no licence that would let us keep a copy. */
const document = findSpec('pagerduty-events-v2');

describe('PagerDuty', () => {
  let pager: FakePagerDuty;
  beforeEach(async () => {
    pager = await startFakePagerDuty();
  });
  afterEach(() => pager.close());
  const port = () => createPagerDutyNotifier({ routingKey: 's3cr3t', url: pager.url, clock });
  const kinds = ['escalation', 'acknowledged', 'resolved'] as const;
  const sendAll = async (): Promise<void> => {
    for (const kind of kinds) await port().send(notification({ kind }), patient());
  };

  it('opens, acknowledges and resolves one alert per lead', async () => {
    await sendAll();
    const dedup_key = `${notification().leadId!}:unworked`;
    expect(pager.received).toMatchObject([
      {
        event_action: 'trigger',
        dedup_key,
        payload: { severity: 'error', custom_details: { told: 'anna' } },
      },
      { event_action: 'acknowledge', dedup_key },
      { event_action: 'resolve', dedup_key },
    ]);
  });

  it('wakes nobody for anything else', () => {
    expect(port().kinds).toEqual(kinds);
  });

  it('does not say who the lead is: everybody on call reads it', async () => {
    await sendAll();
    for (const word of personal) expect(JSON.stringify(pager.received)).not.toContain(word);
  });

  (document ? it : it.skip)('sends what PagerDuty’s own document allows', async () => {
    await sendAll();
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(document!, 'spec');
    const pointer = '#/paths/~1enqueue/post/requestBody/content/application~1json/schema';
    const validate = ajv.compile({ $ref: `spec${pointer}` });
    for (const event of pager.received) {
      validate(event);
      expect(validate.errors).toBeNull();
    }
  });
});
