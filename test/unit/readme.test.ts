import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnv } from '../../config/env';

const read = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');
const between = /<!-- env:begin -->\n([\s\S]*?)\n?<!-- env:end -->/.exec(read('docs/configuration.md'))?.[1];

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
const table = [
  '| variable | default | meaning |',
  '| --- | --- | --- |',
  ...describeEnv().map(({ name, default: fallback, meaning }) => {
    const value = fallback === '' ? '' : `\`${cell(fallback)}\``;
    return `| \`${name}\` | ${value} | ${cell(meaning)} |`;
  }),
].join('\n');

test('the configuration table is what config/env.ts says', () => {
  if (between !== table)
    throw new Error(
      `paste this between <!-- env:begin --> and <!-- env:end --> in docs/configuration.md:\n\n${table}\n`,
    );
});

test('the README stays short enough to be read', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(200);
});
