import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { sourceKinds } from '../../api/ports';
import { crmVariables } from '../../config/crm-env';
import { loadEnv } from '../../config/env';
import { createConnectors } from '../../connectors';
import { captchaProviders } from '../../domain/gate';

const root = resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Without what only looks like a link or a heading. */
const prose = (file: string): string => read(file).replaceAll(/^ *(```|~~~)[\s\S]*?^ *\1$/gm, '');
const headings = (file: string): readonly string[] =>
  [...prose(file).matchAll(/^#+ (.+)$/gm)].map((heading) => heading[1] ?? '');

/** A heading's name in links, as GitHub makes it. */
const nameOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

function namesIn(file: string): readonly string[] {
  const seen = new Map<string, number>();
  return headings(file).map((heading) => {
    const name = nameOf(heading);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${String(before)}`;
  });
}

/** Why a link leads nowhere; undefined when it leads somewhere, or out of the repository. */
function deadEnd(from: string, link: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? from : relative(root, resolve(root, dirname(from), decodeURIComponent(path)));
  if (!existsSync(join(root, file))) return `${from}: ${link}: no such file`;
  if (anchor === undefined || namesIn(file).includes(anchor)) return undefined;
  return `${from}: ${link}: no such heading`;
}

test('every link in the documents leads to a file and a heading that are there', () => {
  const links = pages.flatMap((from) =>
    [
      ...prose(from)
        .replaceAll(/`[^`\n]*`/g, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map((link) => [from, link[1] ?? ''] as const),
  );
  expect(links.length).toBeGreaterThan(100);
  expect(links.flatMap(([from, link]) => deadEnd(from, link) ?? [])).toEqual([]);
});

test('a dead link is found', () => {
  expect(deadEnd('README.md', 'docs/nowhere.md')).toContain('no such file');
  expect(deadEnd('docs/crm.md', '../README.md#nowhere')).toContain('no such heading');
  expect(deadEnd('docs/crm.md', '#how-changes-come-back')).toBeUndefined();
});

/** Names of the pages that there must be: one for each connector in the code. */
function connectorPages(): readonly string[] {
  const env = loadEnv({
    ENRICH_HTTP_URL: 'http://127.0.0.1:1',
    PEOPLE_DATA_LABS_API_KEY: 'key',
    APOLLO_API_KEY: 'key',
    MX_CHECK: 'on',
    NOTIFY_WEBHOOK_URL: 'http://127.0.0.1:1',
    SLACK_WEBHOOK_URL: 'http://127.0.0.1:1',
    TEAMS_WEBHOOK_URL: 'http://127.0.0.1:1',
    SMTP_URL: 'smtp://127.0.0.1:1',
    PAGERDUTY_ROUTING_KEY: 'key',
  });
  const { enrich, mailCheck, notify } = createConnectors(env, {
    clock: { now: () => 0 },
    log: () => undefined,
    localCrm: { upsert: () => Promise.resolve({ externalId: '1' }) },
    notifyKey: Buffer.alloc(32),
  });
  const of = (role: string, kinds: readonly string[]): readonly string[] =>
    kinds.map((kind) => `${role}-${kind}.md`);
  return [
    // Versions of a signature share the page of their vendor.
    ...of(
      'source',
      sourceKinds.filter((kind) => !/-v\d$/.test(kind)),
    ),
    ...of('crm', crmVariables.CRM.unwrap().options),
    ...of('enrich', [...enrich.map(({ provider }) => provider), ...(mailCheck ? ['mx'] : [])]),
    ...of(
      'channel',
      [...notify.every, ...notify.person.flat()].map(({ channel }) => channel),
    ),
    ...of('captcha', captchaProviders),
  ];
}

test('every connector has a page, and every page a connector', () => {
  expect(readdirSync(join(root, 'docs/connectors')).sort()).toEqual([...connectorPages()].sort());
});

test.each(connectorPages())('%s says what to do there, what to set here, and how to test', (name) => {
  const sections = read(join('docs/connectors', name)).split(/^## /m).slice(1);
  expect(sections.map((section) => section.split('\n')[0])).toEqual(['There', 'Here', 'Test']);
  for (const section of sections) expect(section.split('\n').slice(1).join('').trim()).not.toBe('');
});

test('every page of a connector is in the index of its kind', () => {
  const indexes = ['sources', 'crm', 'enrichment', 'channels', 'gate']
    .map((name) => read(`docs/${name}.md`))
    .join('');
  expect(connectorPages().filter((name) => !indexes.includes(`(connectors/${name})`))).toEqual([]);
});
