import { spawn } from 'node:child_process';
import fs, { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from '../../../services/data-dir';
import { identityOf } from '../../../services/process-table';
import { StartError } from '../../../services/start-error';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'lead-router-')));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const writeLock = (text: string) => {
  writeFileSync(join(dir, 'lock'), text);
};

test('a directory that does not exist yet is created and locked', async () => {
  const held = await lockDataDir(join(dir, 'deep', 'er'));
  expect(held.path).toBe(join(dir, 'deep', 'er'));
});

test('a directory held by a live process is refused, naming pid and path', async () => {
  const held = await lockDataDir(dir);
  await expect(lockDataDir(dir)).rejects.toThrow(
    new StartError(
      `DATA_DIR ${dir} is in use by process ${String(process.pid)}; stop it or set another DATA_DIR`,
    ),
  );
  held.release();
  (await lockDataDir(dir)).release();
});

test('an owner that is stopping is waited for', async () => {
  const held = await lockDataDir(dir);
  held.announceStop();
  const said: string[] = [];
  const next = lockDataDir(dir, (line) => {
    said.push(line);
    held.release(); // only now: proves that the second one waited
  });
  (await next).release();
  expect(said).toEqual([`waiting for process ${String(process.pid)}, which is stopping`]);
});

test('the lock of a dead process is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  writeLock(JSON.stringify({ pid: child.pid }));
  (await lockDataDir(dir)).release();
});

test('a lock that another start puts in place of a stale one is not taken over', async () => {
  writeLock('{}');
  const { renameSync } = fs;
  // the other start is between our look at the lock and our move
  const moved = jest.spyOn(fs, 'renameSync').mockImplementationOnce((from, to) => {
    writeLock(JSON.stringify({ pid: process.ppid }));
    renameSync(from, to);
  });
  await expect(lockDataDir(dir)).rejects.toThrow(`is in use by process ${String(process.ppid)}`);
  moved.mockRestore();
  expect(fs.readdirSync(dir)).toEqual(['lock']);
});

test('a lock whose pid now belongs to another program is taken over', async () => {
  expect(identityOf(process.pid)).toBeDefined();
  writeLock(JSON.stringify({ pid: process.pid, identity: 'another boot:1' }));
  (await lockDataDir(dir)).release();
});

test.each(['', '{', 'null', '{"pid":"x"}', '{"pid":-1}'])(
  'a damaged lock (%j) does not stop a start',
  async (text) => {
    writeLock(text);
    (await lockDataDir(dir)).release();
  },
);

test('a path that cannot be a directory is one clear error', async () => {
  // Below a regular file: fails for root as well, whom permissions do not stop.
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const attempt = lockDataDir(join(file, 'data'));
  await expect(attempt).rejects.toBeInstanceOf(StartError);
  await expect(attempt).rejects.toThrow(`DATA_DIR ${join(file, 'data')} cannot be written`);
});

test('a place where the system creates no folders is one clear error, not a start that never ends', async () => {
  // Linux says "no such file" there, which a recursive mkdir tries to mend for ever.
  await expect(lockDataDir('/proc/lead-router/data')).rejects.toThrow(
    'DATA_DIR /proc/lead-router/data cannot be written',
  );
});

test('folders above it are created, blanks and umlauts in their names included', async () => {
  const deep = join(dir, 'Vertrieb Süd', 'daten');
  const held = await lockDataDir(deep);
  expect(held.path).toBe(deep);
  held.release();
});
