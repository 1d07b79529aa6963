import { readFileSync } from 'node:fs';
import { decideCase, type Decision } from './cases';
import { objectAt } from './json';

const usage = 'usage: npm run webhooks -- CASES.json';

/**
 * `npm run webhooks`: decides recorded requests by the API's own verifiers, one JSON line each, then a summary. Needs
 * no server. Requests that say what is right (`valid`) are compared with it.
 */
function main([file, ...rest]: readonly string[]): void {
  if (file === undefined || rest.length > 0) throw new Error(usage);
  const cases = JSON.parse(readFileSync(file, 'utf8')) as unknown;
  if (!Array.isArray(cases)) throw new Error(`${file}: expected a list of recorded requests`);
  const decisions = cases.map(decideCase);
  for (const decision of decisions) print(decision);
  const marks = cases.map((one) => objectAt(one)['valid']);
  const isRight = ({ accepted }: Decision, at: number): boolean => marks[at] === accepted;
  const isMarked = (_decision: Decision, at: number): boolean => typeof marks[at] === 'boolean';
  print({
    cases: decisions.length,
    accepted: decisions.filter(({ accepted }) => accepted).length,
    refused: decisions.filter(({ accepted }) => !accepted).length,
    asMarked: decisions.filter(isRight).length,
    otherwise: decisions.filter((one, at) => isMarked(one, at) && !isRight(one, at)).map(({ id }) => id),
  });
}

function print(line: Decision | Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
