import { repeatsBetween } from './lead-maker';
import type { Rig } from './rig';

/** Compares what was sent with what is in the books and in the CRM. @returns what does not add up; empty when all does. */
export async function audit(rig: Rig, sent: number): Promise<readonly string[]> {
  const answer = await fetch(`${rig.url}/v1/accounting`, { headers: { authorization: `Bearer ${rig.key}` } });
  const books = (await answer.json()) as Record<string, unknown>;
  const merged = repeatsBetween(0, sent);
  const { creates } = rig.crm.counts;
  const doubled = [...creates.values()].filter((times) => times !== 1).length;
  const findings: readonly (readonly [boolean, string])[] = [
    [books['balanced'] === true, 'the books do not balance'],
    [books['accepted'] === sent, `${String(books['accepted'])} leads accepted, ${sent} sent`],
    [books['merged'] === merged, `${String(books['merged'])} leads merged, ${merged} are repeats`],
    [
      books['assigned'] === sent - merged,
      `${String(books['assigned'])} leads assigned, ${sent - merged} expected`,
    ],
    [creates.size === sent - merged, `${creates.size} records in the CRM, ${sent - merged} expected`],
    [doubled === 0, `${doubled} leads have more than one record in the CRM`],
  ];
  return findings.flatMap(([right, complaint]) => (right ? [] : [complaint]));
}
