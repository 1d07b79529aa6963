import { startFakeTeams, type FakeTeams } from '../../connectors/notify/fake';
import { createTeamsNotifier } from '../../connectors/notify/teams';
import { clock, notification, patient } from './examples';

describe('Teams', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await startFakeTeams();
  });
  afterEach(() => teams.close());
  const send = (changes: Parameters<typeof notification>[0] = {}) =>
    createTeamsNotifier({ url: `${teams.url}/workflows/x?sig=s3cr3t`, clock }).send(
      notification(changes),
      patient(),
    );
  const card = () => teams.received[0]!.attachments[0].content;
  const lines = () => card().body.map(({ inlines }) => inlines.map(({ text }) => text).join(''));

  it('shows every fact and an action per link', async () => {
    expect(await send()).toBe('HTTP 202');
    expect(lines()).toEqual([
      'New lead: Zoë Müller',
      ...notification().facts.map(({ label, text }) => `${label}: ${text}`),
    ]);
    expect(card().actions.map(({ url }) => url)).toEqual(Object.values(notification().links));
  });

  // Everything is a TextRun, which knows no Markdown; what is left are template functions.
  it('shows what people typed as they typed it', async () => {
    const typed = '[click](https://evil.example) **now** {{DATE(2026-01-01T00:00:00Z)}} <at>all</at>';
    await send({ subject: typed, facts: [{ label: 'Lead', text: typed }] });
    expect(lines()[1]).toBe(`Lead: ${typed.replace('{{', '{ {')}`);
    expect(JSON.stringify(card())).not.toContain('"TextBlock"');
  });

  it('stays below 28 KB whatever comes', async () => {
    const facts = Array.from({ length: 500 }, () => ({ label: 'Lead', text: 'é'.repeat(501) }));
    await send({ subject: 'x'.repeat(10_000), facts });
    expect(Buffer.byteLength(JSON.stringify(teams.received[0]))).toBeLessThan(28 * 1_024);
    expect(lines().at(-1)).toBe('and 488 more');
  });
});
