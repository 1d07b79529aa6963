import type { Assignment } from '../../activities/ports';
import type { AssignmentCause } from '../../domain/lead';
import type { LeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';

export interface AssignmentRow {
  readonly lead_id: LeadId;
  readonly hop: number;
  readonly rep_id: string | null;
  readonly pool_id: string | null;
  readonly rule: string;
  readonly cause: AssignmentCause;
  readonly assigned_at: Date;
  readonly ended_at: Date | null;
  readonly sla: Assignment['sla'];
  readonly offer: Assignment['offer'] | null;
}

export const assignmentColumns = (alias: string): string =>
  ['lead_id', 'hop', 'rep_id', 'pool_id', 'rule', 'cause', 'assigned_at', 'ended_at', 'sla', 'offer']
    .map((column) => `${alias}.${column}`)
    .join(', ');

export function assignmentOf(row: AssignmentRow): Assignment {
  return {
    leadId: row.lead_id,
    hop: row.hop,
    repId: row.rep_id ?? '',
    rule: row.rule,
    cause: row.cause,
    assignedAt: toInstant(row.assigned_at.getTime()),
    sla: row.sla,
    ...(row.pool_id ? { poolId: row.pool_id } : {}),
    ...(row.offer ? { offer: row.offer } : {}),
    ...(row.ended_at ? { endedAt: toInstant(row.ended_at.getTime()) } : {}),
  };
}
