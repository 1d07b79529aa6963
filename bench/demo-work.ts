import type { DemoApi } from './demo-api';
import type { Screen } from './demo-screen';
import type { Sent } from './demo-stream';
import { detailOf, factOf } from './demo-watch';

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
  const idle = [...leads];
  for (const { verb, body, says } of deeds) {
    // What a named rep declines was charged to nobody.
    const place = verb === 'decline' ? idle.findIndex(fromPool) : 0;
    const [one] = place === -1 ? [] : idle.splice(place, 1);
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
    if (verb === 'decline') complaints.push(...(await showCredit(api, one, screen)));
  }
  return complaints;
}

const fromPool = ({ lead }: Sent): boolean => detailOf(factOf(lead, 'assigned'), 'pool') !== '';

/** Whoever declined is charged no longer; the ledger says so. */
async function showCredit(api: DemoApi, { lead, name }: Sent, screen: Screen): Promise<readonly string[]> {
  const back = (await api.ledger(lead.id)).find(({ credit }) => credit !== null);
  if (!back?.credit) return [`nobody has the charge for ${name} back, though it was declined`];
  const { pool, seq, credit, rep } = back;
  const next = rep === credit.rep ? '' : `, ${rep} is charged instead`;
  const words = `${credit.rep} has his charge of ${String(credit.amount)} back (${credit.cause})${next}`;
  screen.line(`    ledger of "${pool}", entry ${String(seq)}: ${screen.paint('cyan', words)}`);
  return [];
}
