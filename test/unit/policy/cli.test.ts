import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../policy/cli';
import { change, sample } from './sample-policy';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-cli-'));
  await writeFile(join(folder, 'good.yaml'), sample);
  await writeFile(join(folder, 'other.yaml'), change('anna: 2', 'anna: 3'));
  await writeFile(join(folder, 'bad.yaml'), change('to: anna', 'to: ana'));
  await writeFile(
    join(folder, 'tested.yaml'),
    `${sample}tests:
  - { name: big, lead: { country: Austria, utm: { event: demo_request } }, account: { employees: 500 }, expect: { score: 65, band: hot, rule: big, to: anna, sla: hot } }
  - { name: small, lead: { email: a@gmail.com }, expect: { to: anna, score: 3 } }
`,
  );
  await writeFile(join(folder, 'areas.csv'), 'territory,countries,to\nnord,DE;DK,ben\n');
  await writeFile(join(folder, 'odd.yaml'), change(', when: "match.owner != \'\'"', ''));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const args = argv.map((arg) => (arg.endsWith('.yaml') ? join(folder, arg) : arg));
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  const short = (lines: readonly string[]): string => lines.join('\n').replaceAll(join(folder, '/'), '');
  return { code, out: short(out), err: short(err) };
}

test('lint of a good policy succeeds', async () => {
  expect(await run('lint', 'good.yaml')).toEqual({
    code: 0,
    out: 'good.yaml: ok, 3 reps, 1 pools, 3 rules, 0 finding(s)',
    err: '',
  });
});

test('lint shows findings and still succeeds', async () => {
  expect(await run('lint', 'odd.yaml')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^odd\.yaml:16:30 finding owner-unguarded routing\[0\]\.to: /),
  });
});

test('lint of a bad policy fails and says where', async () => {
  const { code, err } = await run('lint', 'good.yaml', 'bad.yaml');
  expect(code).toBe(1);
  expect(err).toContain(
    'bad.yaml:17:77 error routing[1].to: unknown rep "ana" — did you mean "anna"? (expected: one of anna, ben, mira)',
  );
});

test('the tests in a policy are run, and a difference is named', async () => {
  expect(await run('test', 'tested.yaml')).toEqual({
    code: 1,
    out: 'tested.yaml: 1 of 2 test(s) passed',
    err: 'tested.yaml: test "small": to is "pool/inbound", expected "anna"\ntested.yaml: test "small": score is 0, expected 3',
  });
  expect(await run('test', 'good.yaml')).toMatchObject({ code: 0, out: 'good.yaml: 0 of 0 test(s) passed' });
  expect(await run('test', 'bad.yaml')).toMatchObject({ code: 2 });
});

test('a table of territories comes out as a block', async () => {
  const { code, out } = await run('import-territories', join(folder, 'areas.csv'));
  expect(code).toBe(0);
  expect(out).toBe('territories:\n  nord:\n    countries:\n      - DE\n      - DK\n    to: ben');
});

test('diff answers like diff(1)', async () => {
  expect(await run('diff', 'good.yaml', 'good.yaml')).toEqual({ code: 0, out: 'no difference', err: '' });
  expect(await run('diff', 'good.yaml', 'other.yaml')).toEqual({
    code: 1,
    out: 'pools.inbound.members.anna: 2 → 3\n1 difference(s)',
    err: '',
  });
  expect(await run('diff', 'good.yaml', 'bad.yaml')).toMatchObject({ code: 2 });
});

test.each([[[]], [['unheard-of']], [['lint']], [['diff', 'good.yaml']], [['constructor']]])(
  '%j is answered with the usage',
  async (argv) => {
    expect(await run(...argv)).toMatchObject({ code: 2, err: expect.stringMatching(/^usage:/) });
  },
);

test('a file that cannot be read is not a problem of the policy', async () => {
  expect(await run('lint', 'nowhere.yaml')).toMatchObject({ code: 2, err: expect.stringMatching(/ENOENT/) });
});

test('help is no error', async () => {
  expect(await run('help')).toMatchObject({ code: 0 });
});
