import { startFakeSlack, type FakeSlack } from '../../connectors/notify/fake';
import { createSlackNotifier } from '../../connectors/notify/slack';
import { clock, failureOf, notification, patient } from './examples';

describe('Slack', () => {
  let slack: FakeSlack;
  beforeEach(async () => {
    slack = await startFakeSlack();
  });
  afterEach(() => slack.close());
  const port = (interactive = false) =>
    createSlackNotifier({ url: `${slack.url}/services/T0/B0/s3cr3t`, clock, interactive });
  const buttons = () => {
    const actions = slack.received[0]?.blocks.find((block) => block.type === 'actions');
    return actions?.elements.map(({ action_id, url, value }) => [action_id, url, value]);
  };

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

  it('shows every fact and a button per link', async () => {
    await port().send(notification(), patient());
    const [message] = slack.received;
    expect(message?.text).toBe('New lead: Zoë Müller');
    for (const { label, text } of notification().facts)
      expect(message?.blocks[0]).toMatchObject({
        text: { text: expect.stringContaining(`*${label}:* ${text}`) },
      });
    expect(buttons()).toEqual(
      Object.entries(notification().links).map(([name, url]) => [name, url, undefined]),
    );
    expect(message).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });

  it('has buttons that act in Slack when it is told that we can hear them', async () => {
    const link = (name: string) => `https://router.example.com/l/${name}-token`;
    const links = { open: link('open'), claim: link('claim'), snooze: link('snooze') };
    await port(true).send(notification({ links }), patient());
    expect(buttons()).toEqual([
      ['open', links.open, undefined],
      ['claim', undefined, 'claim-token'],
      ['snooze', undefined, 'snooze-token'],
    ]);
  });

  it('posts as a bot into its channel when it has a token', async () => {
    const bot = createSlackNotifier({ botToken: 'xoxb-s3cr3t', channel: 'C1', apiUrl: slack.url, clock });
    expect(await bot.send(notification(), patient())).toBe('ok');
    expect(slack.received).toMatchObject([{ channel: 'C1', text: 'New lead: Zoë Müller' }]);
  });

  // A form field is typed by anybody; `<!channel>` in it would wake the whole company.
  it('defuses mentions and links in what people typed', async () => {
    const typed = '<!channel> & <https://evil.example|click>';
    await port().send(notification({ subject: typed, facts: [{ label: 'Lead', text: typed }] }), patient());
    const text = JSON.stringify(slack.received[0]);
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https:');
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
    expect(text).not.toContain('"verbatim":false');
  });

  it('keeps a line break in a name from starting a line of its own', async () => {
    await port().send(
      notification({ facts: [{ label: 'Lead', text: 'Zoë\n*First touch due:* never' }] }),
      patient(),
    );
    expect(JSON.stringify(slack.received[0])).not.toContain('\\n*First touch due:');
  });

  it('keeps within Slack’s limits whatever the length', async () => {
    const long = '&😀'.repeat(5_000);
    const facts = Array.from({ length: 50 }, () => ({ label: 'Lead', text: long }));
    await port().send(notification({ subject: long, facts }), patient());
    expect(slack.received).toHaveLength(1);
  });

  it('leaves out what is no web address', async () => {
    const links = { ...notification().links, snooze: 'javascript:alert(1)' };
    const facts = [{ label: 'Lead', text: 'Zoë', url: 'javascript:alert(2)' }];
    await port().send(notification({ links, facts }), patient());
    expect(JSON.stringify(slack.received)).not.toContain('javascript:');
  });
});
