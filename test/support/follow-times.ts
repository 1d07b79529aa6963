import type { Instance } from './instance';
import { until } from './until';

/**
 * How long it took at most, in 95 of 100 cases, until leads followed what was changed in the CRM; printed with the median.
 * @param changedAt when, by lead id
 */
export async function followP95(instance: Instance, changedAt: ReadonlyMap<string, number>): Promise<number> {
  const heard = await until('all have heard', async () => {
    const rows = await instance.sql<{ id: string; at: Date }>(
      `SELECT lead_id AS id, at FROM timeline WHERE what = 'crm_changed' AND lead_id = ANY ($1)`,
      [[...changedAt.keys()]],
    );
    return rows.length === changedAt.size && rows;
  });
  const tookMs = heard.map(({ id, at }) => at.getTime() - changedAt.get(id)!).sort((a, b) => a - b);
  const [p50, p95] = [0.5, 0.95].map((share) => tookMs[Math.ceil(tookMs.length * share) - 1]!);
  console.info(`change in the CRM to the lead: p50 ${String(p50)} ms, p95 ${String(p95)} ms`);
  return p95!;
}
