// The one entry point of every npm script: makes the checkout runnable (bin/prepare.mjs), then runs the command.
// Plain Node without dependencies, because on a fresh clone nothing else exists yet.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [command = '', ...args] = process.argv.slice(2);

/** What a command imports once everything is installed and built. */
const mains = {
  start: 'dist/services/start.js',
  services: 'dist/services/main.js',
  api: 'dist/api/main.js',
  worker: 'dist/worker/main.js',
  demo: 'dist/bench/demo.js',
  bench: 'dist/bench/bench.js',
  policy: 'dist/policy/main.js',
  import: 'dist/bench/import.js',
  match: 'dist/bench/match.js',
  webhooks: 'dist/api/webhooks/main.js',
  collection: 'dist/api/collection/main.js',
  identity: 'dist/worker/identity-main.js',
  'bench:identity': 'dist/bench/identity.js',
  'bench:import': 'dist/bench/import-load.js',
  'bench:picks': 'dist/bench/picks.js',
  'bench:timers': 'dist/bench/timers.js',
  test: 'node_modules/jest/bin/jest.js',
  'test:crm': 'bin/test-crm.mjs',
};

const checks = [
  ['types', 'typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['lint', 'eslint/bin/eslint.js', '.'],
  ['format', 'prettier/bin/prettier.cjs', '--check', '.'],
  ['rooms', 'dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', '.'],
  ['dead code', 'knip/bin/knip.js'],
];

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`lead-router needs Node 20.19 or newer; this is ${process.versions.node}`);
}
if (process.platform === 'win32') fail('lead-router runs on Linux and macOS; on Windows use WSL');
if (!(command in mains) && command !== 'build' && command !== 'check') {
  fail(`usage: node bin/run.mjs <${[...Object.keys(mains), 'build', 'check'].join('|')}> [arguments]`);
}

process.chdir(root);
const { prepare, PrepareError } = await import('./prepare.mjs');
try {
  await prepare(root, { build: command !== 'check' });
} catch (error) {
  if (error instanceof PrepareError) fail(error.message, error.exitCode);
  throw error;
}
if (command === 'check') process.exitCode = (await check()) ? 0 : 1;
else if (command in mains) await runHere(join(root, mains[command]));

/** Runs the command in this very process, so a signal sent to it needs no forwarding. */
async function runHere(file) {
  if (!existsSync(file)) fail(`npm run ${command}: ${mains[command]} does not exist in this version`);
  process.argv = [process.argv[0], file, ...args];
  await import(pathToFileURL(file).href);
}

async function check() {
  let passed = true;
  for (const [name, bin, ...argv] of checks) {
    const started = Date.now();
    const { code, output } = await capture(join(root, 'node_modules', bin), argv);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code !== 0) {
      passed = false;
      process.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
    }
  }
  return passed;
}

function capture(file, argv) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...argv], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
