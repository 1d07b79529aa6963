import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnv } from '../../config/env';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const between = /<!-- env:begin -->\n([\s\S]*?)\n?<!-- env:end -->/.exec(readme)?.[1];

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

test('the configuration table of the README is what config/env.ts says', () => {
  if (between !== table)
    throw new Error(`paste this between <!-- env:begin --> and <!-- env:end --> in README.md:\n\n${table}\n`);
});

test('the README stays short enough to be read', () => {
  expect(readme.split('\n').length).toBeLessThan(200);
});
