import { Connection } from '@temporalio/client';
import type { Instance } from './instance';

/** The latest histories of runs, by their workflow ids, as one text with the payloads decoded. */
export async function historiesOf(
  { temporalAddress, namespace }: Pick<Instance, 'temporalAddress' | 'namespace'>,
  workflowIds: readonly string[],
): Promise<string> {
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const histories: string[] = [];
    for (const workflowId of workflowIds) {
      const { history } = await connection.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: { workflowId },
      });
      histories.push(JSON.stringify(history, decoded));
    }
    return histories.join('\n');
  } finally {
    await connection.close();
  }
}

/** Payloads are base64 by the time JSON sees them. */
const decoded = (key: string, value: unknown): unknown =>
  key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value;
