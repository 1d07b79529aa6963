import { parseArgs } from 'node:util';

const usage = `usage: npm run import -- FILE [--source NAME] [--map FIELD=COLUMN]…
  FILE    .csv with a header line, or .jsonl
  --source  source of the leads; its mapping is used when it has one
  --map     lead field and the column it is in, as often as needed; instead of the mapping of the source`;

/** Reads the command line of `npm run import`. @throws Error with the usage */
export function parseImportArguments(args: readonly string[]): {
  readonly file: string;
  readonly query: URLSearchParams;
} {
  const { positionals, values } = parse(args);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new Error(usage);
  const query = new URLSearchParams(values.source === undefined ? {} : { source: values.source });
  const pairs = (values.map ?? []).map((pair) => /^([^=]+)=(.+)$/s.exec(pair)?.slice(1) ?? []);
  if (pairs.some((pair) => pair.length === 0)) throw new Error(`--map: expected FIELD=COLUMN\n${usage}`);
  if (pairs.length > 0) query.set('mapping', JSON.stringify(Object.fromEntries(pairs)));
  return { file, query };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { source: { type: 'string' }, map: { type: 'string', multiple: true } },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
}
