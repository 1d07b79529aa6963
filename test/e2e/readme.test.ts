import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminKey, leadWhen, startInstance, type Instance } from '../support/instance';
import { curlCall, shownInReadme } from '../support/readme';

// Whoever tries the product types what the README shows.
const root = join(__dirname, '../..');
let instance: Instance;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lead-router-readme-'));
  const example = readFileSync(join(root, 'examples/policy.yaml'), 'utf8');
  writeFileSync(join(folder, 'new.yaml'), example.replace('anna: 2', 'anna: 1'));
  instance = await startInstance({ namespace: 'readme' });
});
afterAll(async () => {
  await instance.stop();
  rmSync(folder, { recursive: true, force: true });
});

const keysIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/"(\w+)":/g)].map(([, key]) => key ?? ''));

test('every call of the README, one after the other, is answered with what it shows', async () => {
  const calls = shownInReadme().filter(({ command }) => command.startsWith('curl '));
  expect(calls.length).toBeGreaterThanOrEqual(8);
  const shownId = /lead_\w+/.exec(calls[0]!.answer)![0];
  let id = '';
  for (const { command, answer } of calls) {
    const { method, path, headers, body } = curlCall(
      command.replaceAll(shownId, id).replaceAll('$KEY', adminKey),
    );
    const sent = body === '@new.yaml' ? readFileSync(join(folder, 'new.yaml'), 'utf8') : body;
    const response = await instance.call<{ id?: string }>(method, path, sent, {
      authorization: '',
      ...headers,
    });
    expect({ command, status: response.status, ok: response.status < 300 }).toMatchObject({
      command,
      ok: true,
    });
    const given = keysIn(JSON.stringify(response.body));
    expect({ command, missing: [...keysIn(answer)].filter((key) => !given.has(key)) }).toEqual({
      command,
      missing: [],
    });
    if (id === '') {
      id = response.body.id ?? '';
      await leadWhen(instance, id, ({ timeline }) => timeline.some(({ what }) => what === 'crm_written'));
    }
  }
});

test('what it shows of a lead and of its explanation is so: owner by rule, score and band', async () => {
  const [first] = shownInReadme().filter(({ command }) => command.startsWith('curl '));
  const { body } = curlCall(first!.command);
  const sent = await instance.call<{ id: string }>('POST', '/v1/leads', body);
  const lead = await leadWhen(instance, sent.body.id, ({ owner }) => owner !== undefined);
  expect(lead).toMatchObject({ score: 85, band: 'hot', sla: { policy: 'hot', breached: false } });
  expect(lead.sla?.steps.slice(0, 3).map((step) => step.do)).toEqual(['remind', 'reassign', 'escalate']);
});

test('the commands about a policy print what it shows', () => {
  const shown = shownInReadme().filter(({ command }) => command.startsWith('npm run -s policy -- '));
  expect(shown).toHaveLength(2);
  for (const { command, answer } of shown) {
    const words = command.split(' -- ')[1]!.split(' ');
    const args = words.map((word) => (word.startsWith('examples/') ? join(root, word) : word));
    const { stdout } = spawnSync(process.execPath, [join(root, 'dist/policy/main.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ command, output: stdout.trim() }).toEqual({ command, output: answer });
  }
});
