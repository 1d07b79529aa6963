/** Every live patch. One may go, with its old branch, once no run from before its date is left. */
export const patches = {
  /** 2026-11-24: an escalated lead that is snoozed, touched or closed says so. */
  calmEscalation: 'calm-escalation',
} as const;
