const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A length of time as people write it in a policy: `90s`, `5m`, `1h30m`, `14d`. A day is 24 hours. */
export type DurationText = string;

/** Milliseconds of `text`; undefined when it is not a duration (`5`, `-5m`, `m5`, empty). */
export function parseDuration(text: DurationText): number | undefined {
  if (!/^(\d{1,6}[smhdw])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhdw])/g)) {
    total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  }
  return total;
}

/** `90000` → `1m 30s`; for people, so the two largest units only. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(ms / 1_000)) * 1_000;
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const amount = Math.floor(rest / unitMs[unit]);
    if (amount > 0) parts.push(`${String(amount)}${unit}`);
    rest -= amount * unitMs[unit];
  }
  return parts.slice(0, 2).join(' ') || '0s';
}
