import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm';
import { Client } from 'pg';

/** Where `prisma/` lies, both from the sources and from `dist/`. */
const projectRoot = __dirname.endsWith(join('dist', 'db')) ? join(__dirname, '../..') : join(__dirname, '..');
const migrationsDir = join(projectRoot, 'prisma/migrations');
const schemaDir = join(projectRoot, 'prisma/schema');

/** Any number that no other program uses for an advisory lock on this database. */
const migrationLock = 7_203_114_001;

/** The part of the WebAssembly global that is used here; @types/node 20 does not declare it. */
const wasm = (
  globalThis as unknown as {
    WebAssembly: {
      instantiate(
        code: Uint8Array,
        imports: Record<string, object>,
      ): Promise<{ instance: { exports: Record<string, () => void> } }>;
    };
  }
).WebAssembly;
const noFilter = { externalTables: [], externalEnums: [] };

/**
 * Applies the migrations that the database lacks, under an advisory lock, so that processes started together take turns.
 * Prisma's own engine does it, as WebAssembly: the native one is a download that not every machine can make.
 * @returns the names of the migrations that were applied.
 */
export async function migrate(databaseUrl: string): Promise<readonly string[]> {
  const lock = new Client({ connectionString: databaseUrl });
  await lock.connect();
  try {
    if (await isCurrent(lock)) return [];
    await lock.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const engine = await openEngine(databaseUrl);
    try {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: migrationsList(),
        filters: noFilter,
      });
      return appliedMigrationNames;
    } finally {
      engine.free();
    }
  } finally {
    await lock.end();
  }
}

/**
 * SQL that would bring a database with all migrations to what `prisma/schema` says; empty when they agree.
 * `scratchUrl` names an empty database, which is used and left dirty.
 */
export async function drift(scratchUrl: string): Promise<string> {
  await migrate(scratchUrl);
  const engine = await openEngine(scratchUrl);
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'url', url: scratchUrl },
      to: { tag: 'schemaDatamodel', files: schemaFiles().map(([path, content]) => ({ path, content })) },
      script: true,
      exitCode: null,
      filters: noFilter,
    });
    const sql = stdout ?? '';
    return sql.trim() === '-- This is an empty migration.' ? '' : sql.trim();
  } finally {
    engine.free();
  }
}

/** A start against a current database should not load the engine: compare names and checksums ourselves. */
async function isCurrent(client: Client): Promise<boolean> {
  const table = await client.query<{ present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  );
  if (table.rows[0]?.present !== true) return false;
  const applied = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const known = new Map(applied.rows.map((row) => [row.migration_name, row.checksum]));
  return migrationFiles().every(
    ([name, sql]) => known.get(name) === createHash('sha256').update(sql).digest('hex'),
  );
}

async function openEngine(databaseUrl: string): Promise<SchemaEngineModule.SchemaEngine> {
  // The package expects a bundler that imports .wasm; in Node its glue is bound by hand.
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasmFile = join(
    require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
    '../schema_engine_bg.wasm',
  );
  const { instance } = await wasm.instantiate(readFileSync(wasmFile), { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports['__wbindgen_start']?.();
  return glue.SchemaEngine.new(
    { datamodels: schemaFiles() },
    () => undefined, // the engine's own trace; failures are thrown
    bindMigrationAwareSqlAdapterFactory(wholeScripts(new PrismaPg({ connectionString: databaseUrl }))),
  );
}

/** The adapter splits scripts at every semicolon, which breaks `$$` bodies; Postgres takes a script whole. */
function wholeScripts(factory: SqlMigrationAwareDriverAdapterFactory): SqlMigrationAwareDriverAdapterFactory {
  const whole = <T extends Awaited<ReturnType<typeof factory.connect>>>(adapter: T): T => {
    adapter.executeScript = async (script) => {
      await (adapter as unknown as { client: { query(sql: string): Promise<unknown> } }).client.query(script);
    };
    return adapter;
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => whole(await factory.connect()),
    connectToShadowDb: async () => whole(await factory.connectToShadowDb()),
  };
}

function migrationFiles(): [name: string, sql: string][] {
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry): [string, string] => [
      entry.name,
      readFileSync(join(migrationsDir, entry.name, 'migration.sql'), 'utf8'),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function schemaFiles(): [path: string, content: string][] {
  return readdirSync(schemaDir)
    .filter((name) => name.endsWith('.prisma'))
    .map((name) => [join(schemaDir, name), readFileSync(join(schemaDir, name), 'utf8')]);
}

function migrationsList(): SchemaEngineModule.MigrationList {
  return {
    baseDir: migrationsDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(join(migrationsDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: migrationFiles().map(([name, sql]) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
    })),
  };
}
