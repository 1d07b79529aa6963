import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import * as registered from '../../workflows';

/**
 * Runs of earlier releases, one file for each situation. A failure here means that leads that are being worked right
 * now would stop at their next task when this code is deployed: patch the change (workflows/patches.ts), do not
 * record the history anew.
 */
const folder = join(__dirname, 'histories');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): Record<string, unknown> & { events: Record<string, never>[] } =>
  JSON.parse(readFileSync(join(folder, name), 'utf8'));
const options = {
  workflowBundle: { code: readFileSync(join(__dirname, '../../dist/workflow-bundle.js'), 'utf8') },
};

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

test.each(files)('%s replays', async (name) => {
  await Worker.runReplayHistory(options, read(name), `replay-${name}`);
});

test('every registered workflow has a history', () => {
  const typeOf = (name: string): string =>
    (read(name).events[0] as { workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } })
      .workflowExecutionStartedEventAttributes!.workflowType.name;
  expect([...new Set(files.map(typeOf))].sort()).toEqual(Object.keys(registered).sort());
});

test('a history that the code would not have made is refused', async () => {
  const name = files.find((file) => file.startsWith('lead-ladder'))!;
  const changed = JSON.parse(
    readFileSync(join(folder, name), 'utf8')
      .replace('"name": "writeCrm"', '"name": "somethingElse"')
      .replace('"name":"writeCrm"', '"name":"somethingElse"'),
  );
  await expect(Worker.runReplayHistory(options, changed, 'replay-changed')).rejects.toThrow(/determinism/i);
});
