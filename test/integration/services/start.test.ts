import { processesOf, runMain, sharedDataDir, until, type Command } from './scratch';

const dataDir = sharedDataDir();

/** `npm start` once it says that it is ready. */
async function start(): Promise<Command & { readonly url: string; readonly key: string | undefined }> {
  const command = runMain('services/start.js', { DATA_DIR: dataDir(), PORT: '0' });
  await until(
    'ready',
    () => command.stdout().endsWith('\nready\n') || command.process.exitCode !== null,
    45_000,
  );
  const word = (title: string) => new RegExp(`^  ${title} +(\\S+)`, 'm').exec(command.stdout())?.[1];
  const url = word('API');
  if (url === undefined) throw new Error(`${command.stdout()}${command.stderr()}`);
  return { ...command, url, key: word('Admin key') };
}

interface Lead {
  readonly id: string;
  readonly status: string;
  readonly owner?: { readonly id: string };
}

test('npm start: ready from nothing, takes a lead, survives kill -9, and ends with nothing left running', async () => {
  const first = await start();
  const headers = { authorization: `Bearer ${String(first.key)}`, 'content-type': 'application/json' };
  const send = async (url: string, email: string): Promise<string> => {
    const response = await fetch(`${url}/v1/leads`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email }),
    });
    expect(response.status).toBe(202);
    return ((await response.json()) as Lead).id;
  };
  const assigned = async (url: string, id: string): Promise<Lead> => {
    let lead: Lead | undefined;
    const ask = setInterval(() => {
      void fetch(`${url}/v1/leads/${id}`, { headers }).then(async (response) => {
        lead = (await response.json()) as Lead;
      });
    }, 100);
    return until('assigned', () => lead?.status === 'assigned' && lead).finally(() => {
      clearInterval(ask);
    });
  };
  const before = await assigned(first.url, await send(first.url, 'ada@start.example'));
  const underWay = await send(first.url, 'leo@again.example');

  first.process.kill('SIGKILL');
  await first.ended;
  const orphans = processesOf(dataDir()).map(({ pid }) => pid);
  expect(orphans.length).toBeGreaterThanOrEqual(2);

  const second = await start();
  expect(second.key).toBeUndefined(); // the first one holds
  expect(processesOf(dataDir()).filter(({ pid }) => orphans.includes(pid))).toEqual([]);
  expect(await assigned(second.url, before.id)).toMatchObject({ owner: before.owner });
  await assigned(second.url, underWay);
  await assigned(second.url, await send(second.url, 'new@after.example'));

  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(second.stdout()).toMatch(/\nstopped\n$/);
  expect(processesOf(dataDir())).toEqual([]);
}, 120_000);
