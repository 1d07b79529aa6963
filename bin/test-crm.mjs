// npm run test:crm: installs Tryton (GPL-3, a separate service that is spoken to over HTTP; nothing of it is shipped)
// into DATA_DIR once, starts it, runs test/crm against it and stops it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const release = '8.2';
const database = 'crm';
const home = resolve(process.env.DATA_DIR ?? '.data', `tryton-${release}`);
const bin = (name) => join(home, 'venv/bin', name);
const fixtureFile = join(home, 'fixture.json');
const configFile = join(home, 'trytond.conf');

function say(line) {
  console.log(`test:crm: ${line}`);
}

function run(what, command, args, env = {}) {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${what} failed: ${error?.message ?? stderr.trim().split('\n').slice(-5).join('\n')}`);
}

/** Answers why Tryton cannot be installed here, nothing once it is. */
function install() {
  if (existsSync(join(home, 'installed'))) return undefined;
  say('installing Tryton from PyPI (once, about 2 minutes)');
  mkdirSync(home, { recursive: true });
  try {
    run('python3 -m venv', 'python3', ['-m', 'venv', join(home, 'venv')]);
    const packages = ['trytond', 'trytond_sale_opportunity', 'proteus'].map(
      (name) => `${name}==${release}.*`,
    );
    run('pip install', bin('pip'), ['install', '--quiet', '--retries', '1', ...packages]);
  } catch (error) {
    return error.message;
  }
  writeFileSync(join(home, 'installed'), '');
  return undefined;
}

function writeConfig(port) {
  mkdirSync(join(home, 'db'), { recursive: true });
  const lines = ['[database]', 'uri = sqlite://', `path = ${join(home, 'db')}`];
  writeFileSync(configFile, [...lines, '[web]', `listen = 127.0.0.1:${port}`, ''].join('\n'));
}

/** A database with company, employees and keys; whole or not at all. */
function provision() {
  if (existsSync(fixtureFile)) return;
  say('making the database');
  rmSync(join(home, 'db'), { recursive: true, force: true });
  writeConfig(0);
  writeFileSync(join(home, 'db', `${database}.sqlite`), '');
  writeFileSync(join(home, 'password'), 'not-used-by-any-test', { mode: 0o600 });
  const modules = ['-u', 'ir', 'res', 'sale_opportunity', '--activate-dependencies'];
  const args = ['-c', configFile, '-d', database, ...modules, '--email', 'admin@example.com'];
  run('trytond-admin', bin('trytond-admin'), args, { TRYTONPASSFILE: join(home, 'password') });
  writeFileSync(
    `${fixtureFile}.new`,
    run('provisioning', bin('python'), ['test/crm/provision.py', configFile, database]),
  );
  renameSync(`${fixtureFile}.new`, fixtureFile);
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function start() {
  const port = await freePort();
  writeConfig(port);
  const log = openSync(join(home, 'trytond.log'), 'w');
  const server = spawn(bin('trytond'), ['-c', configFile], { stdio: ['ignore', log, log] });
  const url = `http://127.0.0.1:${port}/${database}`;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline && server.exitCode === null;) {
    // Any answer will do: without a key it is a 401.
    if (await fetch(`${url}/rest/model/res.user`).catch(() => undefined)) return { server, url };
    await delay(200);
  }
  server.kill();
  throw new Error(`Tryton did not start; see ${join(home, 'trytond.log')}`);
}

const obstacle = install();
if (obstacle !== undefined) say(`SKIPPED, Tryton cannot be installed here: ${obstacle}`);
else {
  provision();
  const { server, url } = await start();
  process.once('exit', () => server.kill());
  say(`Tryton ${release} at ${url}`);
  const env = {
    ...process.env,
    TRYTON_TEST: JSON.stringify({ ...JSON.parse(readFileSync(fixtureFile, 'utf8')), url }),
  };
  const jest = ['node_modules/jest/bin/jest.js', '--config', 'jest.crm.config.cjs', ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, jest, { stdio: 'inherit', env }).status ?? 1;
  server.kill();
}
