import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

/** Waits for a start; a run that is there already, and that the start's own policies let stand, is as good. */
export async function unlessStarted(start: Promise<unknown>): Promise<void> {
  try {
    await start;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
