import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnv } from '../../config/env';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const crmPage = readFileSync(join(__dirname, '../../docs/crm.md'), 'utf8');
const between = (page: string) => /<!-- env:begin -->\n([\s\S]*?)\n?<!-- env:end -->/.exec(page)?.[1];

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
  ['README.md', readme, tableOf(describeEnv())],
  ['docs/crm.md', crmPage, tableOf(describeEnv('crm'))],
])('the configuration table of %s is what config/env.ts says', (name, page, table) => {
  if (between(page) !== table)
    throw new Error(`paste this between <!-- env:begin --> and <!-- env:end --> in ${name}:\n\n${table}\n`);
});

test('the README stays short enough to be read', () => {
  expect(readme.split('\n').length).toBeLessThan(200);
});
