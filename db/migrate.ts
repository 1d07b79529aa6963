import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
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
  lock.on('error', () => undefined); // the statement under way fails with it
  await lock.connect();
  try {
    if (await isCurrent(lock)) return [];
    await lock.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    if (await isCurrent(lock)) return []; // another process was first
    const input = { migrationsList: migrationsList(), filters: noFilter };
    return await withEngine(
      databaseUrl,
      async (engine) => (await engine.applyMigrations(input)).appliedMigrationNames,
    );
  } finally {
    await lock.end();
  }
}

/**
 * SQL that would bring a database with all migrations to what `prisma/schema` says; empty when they agree.
 * The migrations run in a shadow database that is made and removed on the server of `url`.
 * @public called by the drift test in a process of its own
 */
export async function drift(url: string): Promise<string> {
  const { stdout } = await withEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrationsList() },
      to: { tag: 'schemaDatamodel', files: schemaFiles().map(([path, content]) => ({ path, content })) },
      script: true,
      exitCode: null,
      filters: noFilter,
    }),
  );
  const sql = (stdout ?? '').trim();
  return sql === '-- This is an empty migration.' ? '' : sql;
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

/** Runs `use` with Prisma's schema engine on a database. */
async function withEngine<T>(
  databaseUrl: string,
  use: (engine: SchemaEngineModule.SchemaEngine) => Promise<T>,
): Promise<T> {
  // The package expects a bundler that imports .wasm; in Node its glue is bound by hand.
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasmFile = join(
    require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
    '../schema_engine_bg.wasm',
  );
  const { instance } = await wasm.instantiate(readFileSync(wasmFile), { './schema_engine_bg.js': glue });
  // Where the engine leaves its last words when it panics.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (text: string) => {
        console.error(text);
      },
    },
  });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports['__wbindgen_start']?.();
  const { factory, dispose } = mended(databaseUrl);
  const trace = (): undefined => undefined; // failures are thrown
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await glue.SchemaEngine.new({ datamodels: schemaFiles() }, trace, adapter);
  try {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the glue's class is the one of the types
    return await use(engine);
  } finally {
    engine.free();
    await dispose();
  }
}

/** Columns of type `"char"` that the engine asks for. */
const charColumns: ReadonlySet<string> = new Set(['constraint_type', 'confdeltype', 'confupdtype']);

/**
 * Two mends to the driver adapter, and a way to close what it opened. It splits scripts at every semicolon, which breaks
 * `$$` bodies, though Postgres takes a script whole; and it does not know the type `"char"` of the system catalogue,
 * which the engine asks for where a table has a CHECK or a foreign key.
 */
function mended(databaseUrl: string): {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  dispose(): Promise<void>;
} {
  const factory = new PrismaPg({ connectionString: databaseUrl });
  const opened: SqlDriverAdapter[] = [];
  const mend = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    const queryRaw = adapter.queryRaw.bind(adapter);
    const dispose = adapter.dispose.bind(adapter);
    let disposed: Promise<void> | undefined;
    opened.push(adapter);
    adapter.dispose = () => (disposed ??= dispose()); // the engine closes some of them itself
    adapter.executeScript = async (script) => {
      await (adapter as unknown as { client: { query(sql: string): Promise<unknown> } }).client.query(script);
    };
    adapter.queryRaw = async (query) => {
      const known = query.sql
        .replace('constr.contype AS', 'constr.contype::text AS')
        .replace(/\bcon\.(conf(?:del|upd)type),/g, 'con.$1::text AS $1,');
      const result = await queryRaw({ ...query, sql: known });
      const asChar = (type: ColumnType, column: number): ColumnType =>
        charColumns.has(result.columnNames[column] ?? '') ? ColumnTypeEnum.Character : type;
      return { ...result, columnTypes: result.columnTypes.map(asChar) };
    };
    return adapter;
  };
  return {
    factory: {
      provider: factory.provider,
      adapterName: factory.adapterName,
      connect: async () => mend(await factory.connect()),
      connectToShadowDb: async () => mend(await connectToShadow(databaseUrl)),
    },
    dispose: async () => {
      await Promise.all(opened.map((adapter) => adapter.dispose()));
    },
  };
}

/**
 * A database beside the given one that is dropped when it is disposed of. The adapter's own would be the given database
 * itself when that is named by a URL, and its drop comes before its disconnection.
 */
async function connectToShadow(databaseUrl: string): Promise<SqlDriverAdapter> {
  const name = `shadow_${randomBytes(6).toString('hex')}`;
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const onServer = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await onServer(`CREATE DATABASE ${name}`);
  const adapter = await new PrismaPg({ connectionString: url.href }).connect();
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    await dispose();
    await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  return adapter;
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
