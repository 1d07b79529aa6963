import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnv } from '../../config/env';

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
