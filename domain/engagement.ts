/** Something a person did, and how long ago. */
export interface Engagement {
  /** Key of `scoring.engagement.points`. */
  readonly event: string;
  readonly ageMs: number;
}

/** What is left of an event's points: half after each half-life, points · 2^(−age / half-life), rounded to whole points. */
export function decayed(points: number, ageMs: number, halfLifeMs: number): number {
  // + 0 turns -0 into 0
  return Math.round(points * 2 ** (-Math.max(0, ageMs) / halfLifeMs)) + 0;
}
