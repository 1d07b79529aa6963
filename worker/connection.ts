import { NativeConnection } from '@temporalio/worker';
import { connectionOptions, type TemporalTarget } from '../temporal/connection';

/** The worker's connection; apart from the client's, as it loads the SDK's native core. @throws TransportError when the server cannot be reached. */
export function connectWorker(target: TemporalTarget): Promise<NativeConnection> {
  return NativeConnection.connect({ ...connectionOptions(), address: target.address });
}
