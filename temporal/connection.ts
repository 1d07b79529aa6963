import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
}

/**
 * A client that connects at its first call, so that the API starts and takes leads while Temporal is away. TLS, API key
 * and the rest come from the standard Temporal variables and profile, as for the `temporal` command. Without `retries` a
 * call fails at the first fault, for a caller who must know in which order things happen.
 */
export function openClient(
  target: TemporalTarget,
  options: { readonly retries: boolean } = { retries: true },
): { readonly client: Client; close(): Promise<void> } {
  const connection = Connection.lazy({
    ...connectionOptions(),
    address: target.address,
    connectTimeout: '5s',
    ...(options.retries ? {} : { interceptors: [] }),
  });
  return { client: new Client({ connection, namespace: target.namespace }), close: () => connection.close() };
}

/** Everything but the address, from the standard Temporal variables and profile. */
export function connectionOptions(): Omit<
  ReturnType<typeof loadClientConnectConfig>['connectionOptions'],
  'address'
> {
  const { address: _address, ...options } = loadClientConnectConfig().connectionOptions;
  return options;
}
