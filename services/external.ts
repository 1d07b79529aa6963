import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Client } from 'pg';
import { prepareDatabase, type PrepareOptions } from '../db/prepare';
import { addMissingSearchAttributes, searchAttributes } from './search-attributes';
import { codeOf, messageOf, StartError } from './start-error';

const limitMs = 5_000;

/** Proves that the user's own PostgreSQL answers. @throws StartError with one line; never with the password. */
export async function verifyPostgres(databaseUrl: string): Promise<void> {
  const client = postgresClient(databaseUrl);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    throw new StartError(`DATABASE_URL: ${postgresFault(error, client)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What the URL names may not be there, such as the file of a certificate. */
function postgresClient(databaseUrl: string): Client {
  try {
    return new Client({ connectionString: databaseUrl, connectionTimeoutMillis: limitMs });
  } catch (error) {
    throw new StartError(`DATABASE_URL: cannot be used: ${messageOf(error)}`);
  }
}

function postgresFault(error: unknown, client: Client): string {
  const server = `${client.host}:${String(client.port)}`;
  switch (codeOf(error)) {
    case '28P01':
      return `wrong password for user ${client.user ?? ''} at ${server}`;
    case '28000':
      return `${server} refuses user ${client.user ?? ''}: ${messageOf(error)}`;
    case '3D000':
      return `database ${client.database ?? ''} does not exist at ${server}`;
    default:
      return `cannot reach ${server}: ${withoutPassword(messageOf(error), client.password)}`;
  }
}

function withoutPassword(text: string, password: unknown): string {
  return typeof password === 'string' && password !== '' ? text.replaceAll(password, '***') : text;
}

/** Makes the database ready to work with. @throws StartError with one line when the server does not let us */
export async function preparePostgres(options: PrepareOptions): ReturnType<typeof prepareDatabase> {
  try {
    return await prepareDatabase(options);
  } catch (error) {
    // The engine of the migrations says what the server said, and then where in its own code.
    const said =
      /^ERROR: (.+)/.exec(messageOf(error))?.[1] ?? (isOfServer(error) ? messageOf(error) : undefined);
    if (said === undefined) throw error;
    throw new StartError(`DATABASE_URL: the database cannot be prepared: ${said}`);
  }
}

/** By SQLSTATE, or the system's word for a connection that is lost; a fault of our own has neither. */
const isOfServer = (error: unknown): boolean => /^([0-9A-Z]{5}|E[A-Z]+)$/.test(codeOf(error) ?? '');

/**
 * Proves that the user's own Temporal answers, has the namespace and knows our search attributes; missing ones are
 * registered. TLS and keys come from the standard Temporal variables. @throws StartError with one line.
 */
export async function verifyTemporal(address: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { connectionOptions, namespace } = temporalConfig(env);
  const name = namespace ?? 'default';
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ ...connectionOptions, address, connectTimeout: limitMs });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + limitMs, () =>
      workflowService.describeNamespace({ namespace: name }),
    );
  } catch (error) {
    await connection?.close();
    const missing = /namespace .* not found/i.test(messageOf(error));
    throw new StartError(
      missing
        ? `TEMPORAL_NAMESPACE: namespace ${name} does not exist at ${address}`
        : `TEMPORAL_ADDRESS: cannot reach ${address}: ${messageOf(error)}`,
    );
  }
  try {
    const known = connection;
    await known.withDeadline(Date.now() + limitMs, () => addMissingSearchAttributes(known, name));
  } catch (error) {
    throw new StartError(
      `TEMPORAL_ADDRESS: ${address} lacks our search attributes and does not let us add them (${messageOf(error)}); ` +
        `create ${searchAttributes.map(({ name, cli }) => `${name}=${cli}`).join(', ')} there`,
    );
  } finally {
    await connection.close();
  }
}

function temporalConfig(env: NodeJS.ProcessEnv): {
  connectionOptions: ConnectionOptions;
  namespace?: string;
} {
  try {
    return loadClientConnectConfig({ overrideEnvVars: filledIn(env) });
  } catch (error) {
    throw new StartError(`Temporal variables: ${messageOf(error)}`);
  }
}

const filledIn = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])));
