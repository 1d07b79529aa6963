/** Every live patch. One may go, with its old branch, once no run from before its date is left. */
export const patches = {
  /** 2026-11-24: an escalated lead that is snoozed, touched or closed says so. */
  calmEscalation: 'calm-escalation',
  /** 2026-11-24: an SLA step is recorded first, which says whom to tell and when; it was told at once before. */
  quietHours: 'quiet-hours',
  /** 2026-11-24: another lead of a customer whose lead was worked counts as his reply. */
  replies: 'replies',
  /** 2026-11-25: late data and another lead of the same person work the score out anew. */
  rescore: 'rescore',
} as const;
