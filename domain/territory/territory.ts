import { stateCode, withoutCountry } from '../identity/state';

/**
 * Who belongs where. A territory is a list of areas, and a lead is inside when one of them holds it; an area is the
 * conjunction of what it names, so `{ countries: [DE], postcodes: ['8'] }` is southern Bavaria, not all of Germany.
 */

/** Whole-number bounds, both inclusive; an absent one is open. */
export interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Postcodes from `from` to `to` inclusive, compared by as many characters as each has: `8` to `8` is every 8xxxx. */
export interface PostcodeRange {
  readonly from: string;
  readonly to: string;
}

/** Everything named must hold; what is absent holds for every lead. Texts are folded (`fold`, `foldStates`). */
export interface Area {
  readonly countries?: readonly string[] | undefined;
  readonly states?: readonly string[] | undefined;
  readonly postcodes?: readonly PostcodeRange[] | undefined;
  readonly industries?: readonly string[] | undefined;
  readonly employees?: Range | undefined;
}

/** The part of a lead's facts that says where it belongs. */
export interface Place {
  readonly country: string;
  readonly state: string;
  readonly postalCode: string;
  readonly industry: string;
  readonly employees: number;
}

/** Capitals and accents of people's spelling do not move a lead: `Île-de-France` is `ile-de-france`. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();
}

/**
 * States by ISO 3166-2 where the area's countries have them, whatever people call them; any other text is folded. Where
 * no countries are named, a name holds as it is typed too: it may be a state of a country whose states we do not know.
 */
export function foldStates(states: readonly string[], countries: readonly string[] = []): readonly string[] {
  const found = states.flatMap((state) => {
    if (countries.length === 0) return [fold(state), stateCode(state, '')];
    const codes = countries.map((country) => stateCode(state, country.toUpperCase()));
    return codes.some((code) => code !== '') ? codes : [fold(state)];
  });
  return [...new Set(found.filter((text) => text !== ''))];
}

/** How an area may have named a lead's state: as the person did, by its code, or by that without the country. */
function stateTexts({ state, country }: Place): readonly string[] {
  const code = stateCode(state, country.toUpperCase());
  return code === '' ? [fold(state)] : [fold(state), code, withoutCountry(code)];
}

/** A postcode without blanks and hyphens, in capitals: `sw1a 1aa` is `SW1A1AA`, `00-950` is `00950`. */
export function foldPostcode(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

/** `80000-87999`, or a prefix such as `8`. @returns undefined when it is neither, or the range runs backwards. */
export function parsePostcodes(text: string): PostcodeRange | undefined {
  const [from = '', to = from, ...rest] = text.split('-').map(foldPostcode);
  const readable = rest.length === 0 && from !== '' && from.length === to.length && from <= to;
  return readable ? { from, to } : undefined;
}

/** Whether a lead is inside an area. What a lead does not say is in no area that asks for it. */
export function inside(area: Area, place: Place): boolean {
  const code = foldPostcode(place.postalCode);
  return (
    holds(area.countries, fold(place.country)) &&
    (area.states === undefined || stateTexts(place).some((text) => holds(area.states, text))) &&
    holds(area.industries, fold(place.industry)) &&
    (area.postcodes === undefined || area.postcodes.some((range) => inPostcodes(range, code))) &&
    (area.employees === undefined || inRange(area.employees, place.employees))
  );
}

/** Names of the territories a lead is in, in their order; the first one is *the* territory of the lead. */
export function territoriesOf(
  territories: Readonly<Record<string, { readonly areas: readonly Area[] }>>,
  place: Place,
): readonly string[] {
  return Object.entries(territories)
    .filter(([, { areas }]) => areas.some((area) => inside(area, place)))
    .map(([name]) => name);
}

/** Whether every lead of `inner` is one of `outer`, judged area by area. */
export function covers(outer: Area, inner: Area): boolean {
  const every = (wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean =>
    wide === undefined || (narrow !== undefined && narrow.every((item) => wide.includes(item)));
  return (
    every(outer.countries, inner.countries) &&
    every(outer.states, inner.states) &&
    every(outer.industries, inner.industries) &&
    (outer.postcodes === undefined ||
      (inner.postcodes?.every((narrow) => outer.postcodes?.some((wide) => coversPostcodes(wide, narrow))) ??
        false)) &&
    (outer.employees === undefined ||
      (inner.employees !== undefined &&
        low(outer.employees) <= low(inner.employees) &&
        high(outer.employees) >= high(inner.employees)))
  );
}

/** Whether some lead could be in both. */
export function overlap(left: Area, right: Area): boolean {
  const meet = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
    a === undefined || b === undefined || a.some((item) => b.includes(item));
  return (
    meet(left.countries, right.countries) &&
    meet(left.states, right.states) &&
    meet(left.industries, right.industries) &&
    (left.postcodes === undefined ||
      right.postcodes === undefined ||
      left.postcodes.some((a) => right.postcodes?.some((b) => postcodesMeet(a, b)))) &&
    (left.employees === undefined ||
      right.employees === undefined ||
      (low(left.employees) <= high(right.employees) && low(right.employees) <= high(left.employees)))
  );
}

function holds(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.includes(name);
}

function inPostcodes({ from, to }: PostcodeRange, code: string): boolean {
  const head = code.slice(0, from.length);
  return head.length === from.length && head >= from && head <= to;
}

/** A wide range is written with as many characters or fewer: `8` covers `80000-87999`. */
function coversPostcodes(wide: PostcodeRange, narrow: PostcodeRange): boolean {
  return inPostcodes(wide, narrow.from) && inPostcodes(wide, narrow.to);
}

function postcodesMeet(a: PostcodeRange, b: PostcodeRange): boolean {
  const length = Math.min(a.from.length, b.from.length);
  const cut = (text: string): string => text.slice(0, length);
  return cut(a.from) <= cut(b.to) && cut(b.from) <= cut(a.to);
}

function inRange(range: Range, value: number): boolean {
  return value >= low(range) && value <= high(range);
}

const low = ({ from }: Range): number => from ?? Number.NEGATIVE_INFINITY;
const high = ({ to }: Range): number => to ?? Number.POSITIVE_INFINITY;
