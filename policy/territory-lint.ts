import type { Policy } from '../domain/policy';
import { covers, overlap, type Area, type PostcodeRange } from '../domain/territory/territory';
import type { Report } from './problem';

/** Territories that hide one another, share leads by accident, or leave postcodes between them to nobody. */
export function lintTerritories({ territories, routing }: Policy, report: Report): void {
  const all = Object.entries(territories);
  all.forEach(([name, { areas, to }], place) => {
    const path = ['territories', name];
    const before = all.slice(0, place);
    const hider = before.find(([, earlier]) =>
      areas.every((area) => earlier.areas.some((wide) => covers(wide, area))),
    );
    if (hider) {
      const message = `"${hider[0]}" above it holds every lead of "${name}", so it is nobody's territory`;
      report('territory-hidden', path, message);
    }
    for (const [other, earlier] of hider ? [] : before) {
      if (!shareByAccident(earlier.areas, areas)) continue;
      report(
        'territory-overlap',
        path,
        `"${name}" and "${other}" share leads; those go to "${other}", which stands first`,
      );
    }
    if (to === undefined && routing.some((rule) => rule.to.kind === 'territory')) {
      const message = `"${name}" says no rep or pool, so rules with "to: territory" pass its leads on`;
      report('territory-without-target', path, message);
    }
  });
  lintGaps(territories, report);
}

/** A narrow territory before a wide one is how exceptions are written; two that only partly meet are a slip. */
function shareByAccident(earlier: readonly Area[], later: readonly Area[]): boolean {
  return earlier.some((a) => later.some((b) => overlap(a, b) && !covers(b, a)));
}

/** Whole-number postcodes of one country and length that lie between two ranges and in no territory at all. */
function lintGaps(territories: Policy['territories'], report: Report): void {
  const areas = Object.entries(territories).flatMap(([name, territory]) =>
    territory.areas.map((area) => ({ name, area })),
  );
  const countries = new Set(areas.flatMap(({ area }) => area.countries ?? []));
  for (const country of countries) {
    const here = areas.filter(({ area }) => area.countries?.includes(country) ?? true);
    if (here.some(({ area }) => area.postcodes === undefined && area.states === undefined)) continue;
    const ranges = here
      .flatMap(({ name, area }) => (area.postcodes ?? []).map((range) => ({ name, ...numbers(range) })))
      .filter(({ from }) => Number.isInteger(from))
      .sort((a, b) => a.from - b.from);
    let reached = ranges[0]?.to ?? 0;
    for (const { name, from, to } of ranges.slice(1)) {
      if (from > reached + 1) {
        const gap = `${codeText(reached + 1)}-${codeText(from - 1)}`;
        const message = `postcodes ${gap} of ${country.toUpperCase()} are in no territory`;
        report('territory-gap', ['territories', name], message);
      }
      reached = Math.max(reached, to);
    }
  }
}

/** As numbers of the usual five digits, so that ranges written with fewer can be put beside each other. */
const width = 5;
function numbers({ from, to }: PostcodeRange): { readonly from: number; readonly to: number } {
  const digits = /^\d{1,5}$/;
  return digits.test(from) && digits.test(to)
    ? { from: Number(from.padEnd(width, '0')), to: Number(to.padEnd(width, '9')) }
    : { from: Number.NaN, to: Number.NaN };
}
const codeText = (code: number): string => String(code).padStart(width, '0');
