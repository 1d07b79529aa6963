import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnv } from '../../config/env';
import { curlCall, shownInReadme } from '../support/readme';

const read = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');
const between = (file: string) => /<!-- env:begin -->\n([\s\S]*?)\n?<!-- env:end -->/.exec(read(file))?.[1];

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
const tableOf = (rows: ReturnType<typeof describeEnv>): string =>
  [
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows.map(({ name, default: fallback, meaning }) => {
      const value = fallback === '' ? '' : `\`${cell(fallback)}\``;
      return `| \`${name}\` | ${value} | ${cell(meaning)} |`;
    }),
  ].join('\n');

test.each([
  ['docs/configuration.md', tableOf(describeEnv())],
  ['docs/crm.md', tableOf(describeEnv('crm'))],
])('the configuration table of %s is what config/env.ts says', (file, table) => {
  if (between(file) !== table)
    throw new Error(`paste this between <!-- env:begin --> and <!-- env:end --> in ${file}:\n\n${table}\n`);
});

test('the README stays short enough to be read', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(200);
});

test('every npm script that the README or CONTRIBUTING names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [
    ...`${read('README.md')}${read('CONTRIBUTING.md')}`.matchAll(
      /(?:`|\$ )npm (?:run )?(?:-s )?([a-z][\w:]*)/g,
    ),
  ];
  const names = [...new Set(named.map(([, name]) => name!))];
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('every call that the README shows is in openapi.json', () => {
  const { paths } = JSON.parse(read('openapi.json')) as { paths: Record<string, Record<string, unknown>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    ),
  );
  const shown = shownInReadme().filter(({ command }) => command.startsWith('curl '));
  expect(shown.length).toBeGreaterThan(7);
  const calls = shown.map(({ command }) => curlCall(command)).map(({ method, path }) => `${method} ${path}`);
  const inProse = [...read('README.md').matchAll(/`(GET|POST|PUT|DELETE) (\/v1[^\s`]*)/g)];
  calls.push(...inProse.map(([, method, path]) => `${method!} ${path!}`));
  expect(calls.filter((call) => !operations.some((operation) => operation.test(call)))).toEqual([]);
});
