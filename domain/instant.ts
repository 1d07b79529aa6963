/** A moment in UTC, always `YYYY-MM-DDTHH:mm:ss.sssZ`: sorts as text, means the same everywhere. */
export type IsoInstant = string & { readonly __brand: 'IsoInstant' };

/** @throws RangeError when `epochMs` is outside what a Date can hold. */
export function toInstant(epochMs: number): IsoInstant {
  return new Date(epochMs).toISOString() as IsoInstant;
}

/** Milliseconds since 1970. */
export function epochMs(instant: IsoInstant): number {
  return Date.parse(instant);
}

/** Parses any ISO-8601 date-time that carries an offset; undefined when `text` is not one. */
export function parseInstant(text: string): IsoInstant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text))
    return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : toInstant(ms);
}
