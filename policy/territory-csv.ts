import { stringify } from 'yaml';

const columns = ['territory', 'countries', 'states', 'postcodes', 'industries', 'employees', 'to'] as const;
type Column = (typeof columns)[number];

export type TerritoryRows =
  | { readonly ok: true; readonly yaml: string; readonly count: number }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The `territories:` block of a policy from a CSV with the columns territory, countries, states, postcodes, industries,
 * employees, to (any order, all but the first optional). Cells list several values with `;`, `employees` is `200-999`
 * or `200-`. Rows of one territory are its areas; `to` may stand in any of them. RFC 4180 quoting.
 */
export function territoriesFromCsv(text: string): TerritoryRows {
  const [header = [], ...rows] = parseCsv(text.replace(/^\uFEFF/, ''));
  const names = header.map((name) => name.trim().toLowerCase());
  const strange = names.filter((name) => !columns.includes(name as Column));
  if (!names.includes('territory') || strange.length > 0) {
    const why = strange.length > 0 ? `unknown column "${strange[0] ?? ''}"` : 'no column "territory"';
    return { ok: false, problems: [`line 1: ${why} (expected: ${columns.join(', ')})`] };
  }
  const problems: string[] = [];
  const found = new Map<string, { to?: string; areas: Record<string, unknown>[] }>();
  rows.forEach((cells, index) => {
    const cell = (column: Column): string => (cells[names.indexOf(column)] ?? '').trim();
    const name = cell('territory');
    const line = `line ${String(index + 2)}`;
    if (name === '') return void problems.push(`${line}: the territory has no name`);
    if (cells.length > names.length)
      problems.push(`${line}: ${String(cells.length)} cells, ${String(names.length)} columns`);
    const territory = found.get(name) ?? { areas: [] };
    found.set(name, territory);
    const to = cell('to');
    if (to !== '' && territory.to !== undefined && territory.to !== to)
      problems.push(`${line}: "${name}" goes to ${territory.to} above and to ${to} here`);
    if (to !== '') territory.to = to;
    const area = areaOf(cell);
    if (typeof area === 'string') problems.push(`${line}: ${area}`);
    else territory.areas.push(area);
  });
  if (problems.length > 0) return { ok: false, problems };
  const territories = Object.fromEntries(
    [...found].map(([name, { areas, to }]) => [
      name,
      { ...(areas.length === 1 ? areas[0] : { areas }), ...(to === undefined ? {} : { to }) },
    ]),
  );
  return { ok: true, yaml: stringify({ territories }, { lineWidth: 0 }), count: found.size };
}

/** What a row asks of a lead, or why it cannot be read. */
function areaOf(cell: (column: Column) => string): Record<string, unknown> | string {
  const area: Record<string, unknown> = {};
  for (const column of ['countries', 'states', 'postcodes', 'industries'] as const) {
    const items = cell(column)
      .split(';')
      .map((item) => item.trim())
      .filter(Boolean);
    if (items.length > 0) area[column] = items;
  }
  const employees = cell('employees');
  if (employees === '') return area;
  const [, from = '', to = ''] = /^(\d*)-(\d*)$/.exec(employees) ?? [];
  if (from === '' && to === '') return `employees "${employees}" is not a range such as 200-999 or 200-`;
  area['employees'] = { ...(from ? { from: Number(from) } : {}), ...(to ? { to: Number(to) } : {}) };
  return area;
}

/** Rows of cells; blank lines are left out. A quote inside a quoted cell is written twice. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (!match) break;
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    if (row.some((value) => value.trim() !== '')) rows.push(row);
    row = [];
  }
  return rows;
}
