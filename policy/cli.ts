import { readFile } from 'node:fs/promises';
import type { Policy } from '../domain/policy';
import { diffPolicies } from './diff';
import { runGoldenTests } from './golden';
import { parsePolicy } from './parse';
import { territoriesFromCsv } from './territory-csv';
import type { ParsedPolicy } from './parse';

/** Where a command writes; tests collect it instead. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
}

const terminal: CommandOutput = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

type Verb = (args: readonly string[], output: CommandOutput) => Promise<number>;

const usage = `usage: npm run policy -- <verb> …
  lint FILE…   check policy documents; problems and findings with line and column
  test FILE…   run the tests in policy documents
  diff A B     what changes from policy A to policy B
  import-territories FILE.csv
               the territories of a table as a block to put into a policy
exit code: 0 fine (lint: findings may be there) or no difference, 1 problems, failed tests or differences, 2 could not run`;

const verbs: Readonly<Record<string, Verb>> = { lint, test, diff, 'import-territories': importTerritories };

/** Runs `policy <verb> …` and answers the exit code; writes for people, one line per fact. */
export async function main(argv: readonly string[], output: CommandOutput = terminal): Promise<number> {
  const [name = '', ...args] = argv;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb) return verb(args, output);
  if (name === '--help' || name === 'help') {
    output.out(usage);
    return 0;
  }
  output.err(usage);
  return 2;
}

async function lint(files: readonly string[], output: CommandOutput): Promise<number> {
  if (files.length === 0) return misuse(output);
  let code = 0;
  for (const file of files) {
    const parsed = await readPolicy(file, output);
    if (parsed === undefined) code = 2;
    else if (!report(file, parsed, output)) code = Math.max(code, 1);
  }
  return code;
}

async function test(files: readonly string[], output: CommandOutput): Promise<number> {
  if (files.length === 0) return misuse(output);
  let code = 0;
  for (const file of files) {
    const parsed = await readPolicy(file, output);
    if (!parsed?.ok) {
      if (parsed) report(file, parsed, output);
      code = 2;
      continue;
    }
    const results = runGoldenTests(parsed.policy, parsed.tests);
    for (const { name, differences } of results)
      for (const difference of differences) output.err(`${file}: test "${name}": ${difference}`);
    const failed = results.filter(({ differences }) => differences.length > 0).length;
    output.out(`${file}: ${String(results.length - failed)} of ${String(results.length)} test(s) passed`);
    if (failed > 0) code = Math.max(code, 1);
  }
  return code;
}

async function diff(files: readonly string[], output: CommandOutput): Promise<number> {
  const [before, after] = files;
  if (before === undefined || after === undefined || files.length > 2) return misuse(output);
  const policies: Policy[] = [];
  for (const file of [before, after]) {
    const parsed = await readPolicy(file, output);
    if (parsed?.ok) policies.push(parsed.policy);
    else if (parsed) report(file, parsed, output);
  }
  const [left, right] = policies;
  if (left === undefined || right === undefined) return 2;
  const changes = diffPolicies(left, right);
  for (const change of changes) output.out(`${change.path}: ${show(change.before)} → ${show(change.after)}`);
  output.out(changes.length === 0 ? 'no difference' : `${String(changes.length)} difference(s)`);
  return changes.length === 0 ? 0 : 1;
}

async function importTerritories(files: readonly string[], output: CommandOutput): Promise<number> {
  const [file] = files;
  if (file === undefined || files.length > 1) return misuse(output);
  const text = await readText(file, output);
  if (text === undefined) return 2;
  const read = territoriesFromCsv(text);
  if (read.ok) output.out(read.yaml.trimEnd());
  else for (const problem of read.problems) output.err(`${file}: ${problem}`);
  return read.ok ? 0 : 1;
}

function misuse(output: CommandOutput): number {
  output.err(usage);
  return 2;
}

async function readPolicy(file: string, output: CommandOutput): Promise<ParsedPolicy | undefined> {
  const text = await readText(file, output);
  return text === undefined ? undefined : parsePolicy(text);
}

async function readText(file: string, output: CommandOutput): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    output.err(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Prints what parsing said; `file:line:column` first, which editors and terminals turn into a link. */
function report(file: string, parsed: ParsedPolicy, output: CommandOutput): boolean {
  if (!parsed.ok) {
    for (const { line, column, path, message, expected } of parsed.problems) {
      const where = path === '' ? '' : `${path}: `;
      output.err(
        `${file}:${String(line)}:${String(column)} error ${where}${message} (expected: ${expected})`,
      );
    }
    output.err(`${file}: ${String(parsed.problems.length)} problem(s)`);
    return false;
  }
  for (const { line, column, code, path, message } of parsed.findings) {
    output.out(`${file}:${String(line)}:${String(column)} finding ${code} ${path}: ${message}`);
  }
  const { reps, pools, routing } = parsed.policy;
  const size = `${String(reps.length)} reps, ${String(Object.keys(pools).length)} pools, ${String(routing.length)} rules`;
  output.out(`${file}: ok, ${size}, ${String(parsed.findings.length)} finding(s)`);
  return true;
}

function show(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
