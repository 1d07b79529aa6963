import { startFakeSlack, type FakeSlack } from '../../connectors/notify/fake';
import { createSlackNotifier } from '../../connectors/notify/slack';
import cases from '../fixtures/slack-webhook-responses.json';
import { clock, failureOf, notification, patient } from './examples';

/** Our code for each verdict of the recorded answers. */
const codes: Readonly<Record<string, string>> = {
  'fail-permanent': 'rejected',
  'fail-config': 'auth',
  'retry-backoff': 'busy',
  'retry-after': 'busy',
};

describe('Slack incoming webhook', () => {
  let slack: FakeSlack;
  beforeEach(async () => {
    slack = await startFakeSlack();
  });
  afterEach(() => slack.close());
  const port = () => createSlackNotifier({ url: `${slack.url}/services/T0/B0/s3cr3t`, clock });

  it.each(cases)('treats the recorded answer $id as $classify', async ({ response, classify, waitMs }) => {
    const headers = Object.fromEntries(
      Object.entries(response.headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    slack.answerNext({ status: response.status, headers, text: response.text });
    const call = port().send(notification(), patient());
    if (classify === 'ok') {
      expect(await call).toBe('ok');
      return;
    }
    expect(await failureOf(call)).toMatchObject({ code: codes[classify], retryAfterMs: waitMs });
  });

  it('never repeats a text it does not know', async () => {
    slack.answerNext({ status: 400, text: 'bad text: Zoë Müller' });
    expect(await failureOf(port().send(notification(), patient()))).toMatchObject({
      code: 'rejected',
      message: 'slack: HTTP 400',
    });
  });

  it.each([404, 410])('takes a bare %i for a webhook that is gone', async (status) => {
    slack.answerNext({ status, text: '<html>' });
    expect(await failureOf(port().send(notification(), patient()))).toMatchObject({ code: 'auth' });
  });

  it('shows text, fields and a button per link', async () => {
    await port().send(notification(), patient());
    const [message] = slack.received;
    const text = JSON.stringify(message);
    expect(message?.text).toBe('New lead: Zoë Müller');
    expect(text).toContain('Rule: big DACH accounts');
    expect(text).toContain('Anna Berger');
    expect(text).toContain('<!date^1795510800^');
    const actions = message?.blocks.find((block) => block.type === 'actions');
    expect(actions?.elements.map(({ action_id, url }) => [action_id, url])).toEqual(
      Object.entries(notification().links),
    );
    expect(message).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });

  // A form field is typed by anybody; `<!channel>` in it would wake the whole company.
  it('defuses mentions and links in what people typed', async () => {
    const typed = '<!channel> & <https://evil.example|click>';
    await port().send(
      notification({ subject: typed, lines: [typed], to: { id: 'a', name: typed, email: 'a@b.c' } }),
      patient(),
    );
    const text = JSON.stringify(slack.received[0]);
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https:');
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
    expect(text).not.toContain('"verbatim":false');
  });

  it('keeps within Slack’s limits whatever the length', async () => {
    const long = '&😀'.repeat(5_000);
    const lines = Array.from({ length: 50 }, () => long);
    await port().send(
      notification({ subject: long, lines, to: { id: 'a', name: long, email: 'a@b.c' } }),
      patient(),
    );
    expect(slack.received).toHaveLength(1);
  });

  it('leaves out what is no web address', async () => {
    const links = { ...notification().links, snooze: 'javascript:alert(1)' };
    await port().send(notification({ links }), patient());
    expect(JSON.stringify(slack.received)).not.toContain('javascript:');
  });
});
