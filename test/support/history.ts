import { Connection } from '@temporalio/client';
import type { Instance } from './instance';

/** The latest histories of runs, by their workflow ids, as one text with the payloads decoded. */
export async function historiesOf(
  { temporalAddress, namespace }: Instance,
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
      histories.push(
        JSON.stringify(history, (_key, value: unknown) =>
          value instanceof Uint8Array ? Buffer.from(value).toString() : value,
        ),
      );
    }
    return histories.join('\n');
  } finally {
    await connection.close();
  }
}
