import type { DemoApi } from './demo-api';
import type { Screen } from './demo-screen';
import type { Sent } from './demo-stream';

interface Deed {
  readonly verb: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly says: string;
}

/** What people do with leads, one lead each. */
const deeds: readonly Deed[] = [
  { verb: 'claim', body: {}, says: 'claims it: the clock stops' },
  { verb: 'decline', body: { reason: 'not my language' }, says: 'declines it: the next in line gets it' },
  { verb: 'touches', body: { kind: 'call' }, says: 'has called' },
  { verb: 'snooze', body: { for: '30m' }, says: 'asks for half an hour' },
  { verb: 'disposition', body: { outcome: 'qualified' }, says: 'finds it qualified' },
];

/** Lets owners act on their leads. @returns what was refused although it should not have been */
export async function workSome(
  api: DemoApi,
  leads: readonly Sent[],
  screen: Screen,
): Promise<readonly string[]> {
  const complaints: string[] = [];
  for (const [index, { verb, body, says }] of deeds.entries()) {
    const one = leads[index];
    if (!one) return [...complaints, `there is no lead left to ${verb}`];
    const owner = one.lead.owner?.name ?? '';
    const answer = await api.act(one.lead.id, verb, body);
    if (answer.status !== 200) {
      complaints.push(`${verb} of ${one.name} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      continue;
    }
    const { status, owner: now } = answer.body as { status?: string; owner?: string };
    const outcome = screen.paint('green', `${status ?? ''}, owner ${now ?? ''}`);
    screen.line(`  ${screen.paint('bold', owner)} ${says} (${one.name}) → ${outcome}`);
  }
  return complaints;
}
