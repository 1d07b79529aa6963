import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopOrphanedChildren, Supervisor } from '../../../services/supervise';
import { isAlive } from '../../../services/process-table';
import { until } from './scratch';

let dir: string;
let supervisor: Supervisor | undefined;
const said: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lead-router-sv-'));
  said.length = 0;
});
afterEach(async () => {
  await supervisor?.stop({ hard: true });
  rmSync(dir, { recursive: true, force: true });
});

function supervise(script: string): Supervisor {
  const main = join(dir, 'child.js');
  writeFileSync(main, script);
  supervisor = new Supervisor({
    name: 'child',
    main,
    dataDir: dir,
    env: { ...process.env, PORT: '0' },
    logFile: join(dir, 'child.log'),
    log: (line) => said.push(line),
    drainMs: 10_000,
  });
  return supervisor;
}

const server = `
  const server = require('node:http').createServer((_, response) => response.end());
  server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send({ ready: true, port: server.address().port }));
  process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
  console.log(JSON.stringify({ level: 'info', msg: 'quiet' }));
  console.log(JSON.stringify({ level: 'warn', msg: 'loud' }));
`;

test('a child that dies comes back on the same port, and says so; stop lets it drain', async () => {
  const child = supervise(server);
  const port = await child.start();
  const first = child.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await until('it is back', () => said.includes('child is up again'));
  expect(said).toContain('child ended (SIGKILL); restarting in 1 s');
  await fetch(`http://127.0.0.1:${String(port)}/`);
  const second = child.pid ?? 0;
  await child.stop();
  expect(isAlive(second)).toBe(false);
  expect(readFileSync(join(dir, 'child.log'), 'utf8')).toContain('drained');
  expect(said).toContain('child: warn: loud');
  expect(said.join()).not.toContain('quiet');
}, 20_000);

test('a child that ends before it is ready fails the start and shows why', async () => {
  const child = supervise(`console.error('CRM: expected one of local, http'); process.exit(1);`);
  await expect(child.start()).rejects.toThrow('child did not become ready (exit code 1)');
  await child.stop();
  expect(said).toContain('child: CRM: expected one of local, http');
}, 20_000);

test('a child whose supervisor is gone is found by its data directory and stopped', async () => {
  const child = supervise(server);
  await child.start();
  const pid = child.pid ?? 0;
  const stopped = stopOrphanedChildren(dir);
  await child.stop(); // as if nobody watched it any more
  expect(await stopped).toBe(1);
  expect(isAlive(pid)).toBe(false);
}, 20_000);
