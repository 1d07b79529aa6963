import type { Fact, LeadSeen } from './demo-api';
import type { ExampleLead } from './demo-leads';
import type { Screen } from './demo-screen';
import { sendOne, type Sent, type StreamOptions } from './demo-stream';
import { detailOf, factOf, until } from './demo-watch';

/** Longer than the deadline that is moved. */
const awayBeyondMs = 2 * 3_600_000;

interface Away extends Omit<StreamOptions, 'leads' | 'perSecond'> {
  /** Who has the lead goes away. */
  readonly one: Sent;
  /** What it was sent as; somebody else from there writes meanwhile. */
  readonly example: ExampleLead;
}

/** A lead of a pool whose first touch is counted in its owner's working time. */
export function canMove({ lead }: Sent): boolean {
  const business = lead.sla?.clocks.some(({ name, clock }) => name === 'touch' && clock === 'business');
  return business === true && detailOf(factOf(lead, 'assigned'), 'pool') !== '';
}

/**
 * Sends the owner of a lead away until after it is due: its clock is re-based, and the next lead passes him over. He is
 * back when this is shown. @returns what did not happen as it should have
 */
export async function goAway(options: Away): Promise<readonly string[]> {
  const { api, screen, one } = options;
  const { owner, sla } = one.lead;
  if (!owner || !sla) return [`${one.name} has no owner who could go away`];
  const from = new Date().toISOString();
  const back = new Date(Math.max(Date.parse(sla.touchDueAt), Date.now()) + awayBeyondMs).toISOString();
  await api.absence(owner.id, { from, until: back });
  try {
    screen.line(`  ${screen.paint('bold', owner.name)} is away until ${back}`);
    const rebased = await until(api, one.lead.id, 'rebased', (lead) => factOf(lead, 'rebased') !== undefined);
    screen.line(`  the clock of ${one.name} is re-based: ${movedText(screen, rebased)}`);
    return [...moved(one, rebased), ...(await passedOver(options, owner.id))];
  } finally {
    await api.absence(owner.id, { from, until: from });
  }
}

const touchOf = (fact: Fact | undefined, side: 'before' | 'after'): string =>
  (fact?.[side] as { readonly touch?: string } | undefined)?.touch ?? '';

function movedText(screen: Screen, lead: LeadSeen): string {
  const fact = factOf(lead, 'rebased');
  return screen.paint('cyan', `first touch due ${touchOf(fact, 'before')} → ${touchOf(fact, 'after')}`);
}

const moved = ({ name }: Sent, lead: LeadSeen): readonly string[] => {
  const fact = factOf(lead, 'rebased');
  return touchOf(fact, 'after') > touchOf(fact, 'before') ? [] : [`the clock of ${name} was not put off`];
};

/** Somebody else from the same place writes. */
async function passedOver(options: Away, away: string): Promise<readonly string[]> {
  const { api, screen, tag, example } = options;
  const { country, utm } = example;
  const body = { firstName: 'Robin', lastName: 'Late', email: `robin@late-${tag}.example`, country, utm };
  const { lead } = await sendOne(options, body, 'away');
  if (lead.owner?.id === away) return [`${away} got a lead while he was away`];
  const skipped = (await api.ledger(lead.id)).flatMap(({ pool, candidates }) =>
    candidates.filter(({ rep, skip }) => rep === away && skip === 'absent').map(() => pool),
  );
  for (const pool of skipped)
    screen.line(`  the ledger of "${pool}" says why not ${away}: ${screen.paint('cyan', 'absent')}`);
  return [];
}
