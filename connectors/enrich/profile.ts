import type { CompanyProfile } from '../../activities/ports-vendors';

type Found = {
  readonly [K in Exclude<keyof CompanyProfile, 'source'>]?: CompanyProfile[K] | null | undefined;
};

/** What a provider said in our words; undefined when it said nothing, as an answer without a fact is no knowledge. */
export function factsOf(source: string, found: Found): CompanyProfile | undefined {
  const known = Object.entries(found).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return known.length === 0 ? undefined : { source, ...Object.fromEntries(known) };
}

/** `51-200` and `10001+` → the lower end: what is certain. */
export function sizeOf(band: string | null | undefined): number | undefined {
  const digits = /^(\d{1,7})(?:-\d+|\+)?$/.exec(band ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
