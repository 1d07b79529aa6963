import { formatDuration } from '../domain/duration';
import { epochMs, type IsoInstant } from '../domain/instant';

/** `2026-11-24 09:00 UTC`. */
export function dateTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** `in 5m`, `3h 10m ago`. */
export function fromNow(at: IsoInstant, nowMs: number): string {
  const ms = epochMs(at) - nowMs;
  return ms >= 0 ? `in ${formatDuration(ms)}` : `${formatDuration(-ms)} ago`;
}

/** `needs_attention` → `needs attention`. */
export function inWords(name: string): string {
  return name.replaceAll('_', ' ');
}
