import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type PoolClient } from 'pg';
import { PrismaClient } from './generated/client';

/** One pool of connections; Prisma and the raw statements of `db/sql` share it. */
export interface Database {
  readonly pool: Pool;
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly databaseUrl: string;
  readonly maxConnections: number;
  /** Told of faults on idle connections (a restarted server); the pool replaces them by itself. */
  readonly onFault: (error: Error) => void;
}

const unansweredMs = 12_000;

/** Opens the pool lazily: nothing is connected until the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.maxConnections,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    // A server that vanished without a word must not hold a caller for ever. Shorter than a step may take (20 s), so
    // that the step fails with its own reason and has let go of its connection when it is tried again.
    query_timeout: unansweredMs,
    // A process that stops in the middle of a transaction must not keep its locks: everybody waits for a pool's row.
    idle_in_transaction_session_timeout: 15_000,
    // Statements go out without waiting for the answers before them: what does not depend on each other costs one round trip.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'lead-router',
  });
  pool.on('error', options.onFault);
  // The pool listens to idle connections only: one that breaks between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', options.onFault));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    pool,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Sends a statement whose answer is waited for with the commit's, so that its locks are held for one answer less. */
export type SendBeside = (statement: Promise<unknown>) => void;

/** Runs `work` in one transaction on one connection; any throw rolls it back. */
export function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return within(pool, work, { begin: 'BEGIN', end: 'COMMIT' });
}

/**
 * The same for work that takes turns on a row: whoever waits goes on at the commit and not only when it has reached the
 * disk, so that one row is not held for the time of a flush. Resolves when it has: the message is a commit of its own,
 * and a commit that is flushed brings everything before it to the disk. Until then others may see what a crash of the
 * server undoes, but nothing they build on it can outlive it.
 */
export function contendedTransaction<T>(
  pool: Pool,
  work: (client: PoolClient, sendBeside: SendBeside) => Promise<T>,
): Promise<T> {
  return within(pool, work, {
    begin: 'BEGIN; SET LOCAL synchronous_commit = off',
    end: `COMMIT; SELECT pg_logical_emit_message(true, 'lead-router', '')`,
  });
}

/** Runs `work` in one transaction and undoes what it did, whatever comes out of it. */
export function rehearsal<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return within(pool, work, { begin: 'BEGIN', end: 'ROLLBACK' });
}

async function within<T>(
  pool: Pool,
  work: (client: PoolClient, sendBeside: SendBeside) => Promise<T>,
  { begin, end }: { readonly begin: string; readonly end: string },
): Promise<T> {
  const client = await pool.connect();
  const sent: Promise<unknown>[] = [];
  const sendBeside: SendBeside = (statement) => {
    statement.catch(() => undefined); // heard of below, or after what failed because of it
    sent.push(statement);
  };
  let broken: Error | undefined;
  try {
    const [, result] = await Promise.all([client.query(begin), work(client, sendBeside)]);
    // A commit after a statement that failed undoes all.
    await Promise.all([...sent, client.query(end)]);
    return result;
  } catch (error) {
    broken = unanswered(error) ?? (await rollBack(client));
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * A statement without an answer still occupies its connection: a ROLLBACK would wait behind it as long again, and the
 * next user of the connection as well. Closing it undoes as much.
 */
function unanswered(error: unknown): Error | undefined {
  return error instanceof Error && error.message === 'Query read timeout' ? error : undefined;
}

async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
