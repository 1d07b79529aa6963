import { MockActivityEnvironment } from '@temporalio/testing';
import { createImportActivities } from '../../activities/import';
import type { FileLine, ImportStore } from '../../activities/ports-imports';
import { lineReader } from '../../api/imports/line-lead';
import type { LeadId } from '../../domain/ids';

const importId = 'imp_1';

function activities(store: Partial<ImportStore>) {
  const started: string[] = [];
  let nowMs = 0;
  const made = createImportActivities({
    imports: store as ImportStore,
    reader: lineReader,
    start: async (leadId) => void started.push(leadId),
    clock: { now: () => (nowMs += 1_500) },
  });
  return { ...made, started };
}

test('a file is split in order; one that is split already is left alone', async () => {
  const kept: FileLine[] = [];
  const log: string[] = [];
  const rows = Array.from({ length: 1_200 }, (_, n) => `{"n":${n}}`);
  let file: Buffer | undefined = Buffer.from(rows.join('\n'));
  const { splitFile } = activities({
    file: async () => file && { file, source: 'fair', format: 'jsonl' },
    addLines: async (_id, lines) => void (log.push(`${lines.length} lines`), kept.push(...lines)),
    splitDone: async () => void log.push('done'),
  });
  await new MockActivityEnvironment().run(splitFile, { importId });
  expect(log).toEqual(['500 lines', '500 lines', '200 lines', 'done']);
  expect(kept.map(({ line }) => line)).toEqual(rows.map((_, index) => index + 1));
  file = undefined;
  await new MockActivityEnvironment().run(splitFile, { importId });
  expect(log).toHaveLength(4);
});

test('lines are taken in for a while; new leads get their runs, and after an attempt that may have died all that wait', async () => {
  const rounds = [
    { fresh: ['b'], waiting: ['a', 'b'] },
    { fresh: ['c'], waiting: ['b', 'c'] },
    { fresh: ['d'], waiting: ['c', 'd'] },
  ] as unknown as { fresh: LeadId[]; waiting: LeadId[] }[];
  const run = async (attempt: number, next: 'take' | 'over') => {
    const left = [...rounds];
    const made = activities({ take: async () => ({ next, live: false, ...left.shift()! }) });
    const said = await new MockActivityEnvironment({ attempt }).run(made.takeLines, { importId });
    return [said, made.started.join('')];
  };
  expect(await run(1, 'take')).toEqual(['take', 'bc']);
  expect(await run(2, 'take')).toEqual(['take', 'abc']);
  expect(await run(1, 'over')).toEqual(['over', 'b']);
});
