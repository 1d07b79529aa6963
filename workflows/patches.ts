/** Every live patch. One may go, with its old branch, once no run from before its date is left. */
export const patches = {
  /** 2026-11-24: an escalated lead that is snoozed, touched or closed says so. */
  calmEscalation: 'calm-escalation',
  /** 2026-11-24: an SLA step is recorded first, which says whom to tell and when; it was told at once before. */
  quietHours: 'quiet-hours',
  /** 2026-11-24: another lead of a customer whose lead was worked counts as his reply. */
  replies: 'replies',
  /** 2026-11-24: a lead that waits for its customer is neither recycled nor closed. */
  heldRests: 'held-rests',
  /** 2026-11-24: the run of an older lead writes the deadline it takes over; the younger one wrote it before. */
  ownClocks: 'own-clocks',
  /** 2026-11-24: a run that begins again in the middle re-bases its clocks first. */
  beginAgain: 'begin-again',
  /** 2026-11-24: a run whose history is long goes on as a new one. */
  renewal: 'renewal',
  /** 2026-11-24: a re-base that Temporal's absence prevented is made up for by the reconciliation. */
  owedRebases: 'owed-rebases',
  /** 2026-11-25: a change in the CRM is judged before the lead follows it, and a touch there counts from when it was. */
  judgedCrmChanges: 'judged-crm-changes',
  /** 2026-11-25: late data and another lead of the same person work the score out anew. */
  rescore: 'rescore',
  /** 2026-11-26: the reconciliation tells leads whose partner's absence has begun. */
  awayPartners: 'away-partners',
  /** 2026-11-26: the clocks besides the touch of a lead that is only offered are re-based too. */
  offeredClocks: 'offered-clocks',
  /** 2026-11-30: who worked a lead beside its owner hears that it goes on as an older one. */
  joinedPartners: 'joined-partners',
  /** 2026-11-30: an owned lead stays with its owner while the policy cannot decide; its whole run waited before. */
  undecided: 'undecided',
  /** 2026-11-30: what holds a lead tries without a trace in its history, which had an end after a day of tries. */
  quietHolder: 'quiet-holder',
  /** 2026-11-30: a change in the CRM that the lead cannot follow is told on the timeline and taken back there. */
  refusedCrmChanges: 'refused-crm-changes',
  /** 2026-11-30: late enrichment has the score worked out anew however it ended; before, only by what its last try filled. */
  lateFacts: 'late-facts',
  /** 2026-11-30: another lead of the person is heard of once, however often its run says so. */
  heardRepeats: 'heard-repeats',
  /** 2026-11-30: records that the CRM names are read by their ids; it was asked for all that is new before. */
  namedRecords: 'named-records',
} as const;
