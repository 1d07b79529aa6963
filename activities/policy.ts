import { toInstant } from '../domain/instant';
import type { Clock, PolicyStore } from './ports';

export type PolicyActivities = ReturnType<typeof createPolicyActivities>;

export function createPolicyActivities({
  policies,
  wakeParked,
  rebase,
  clock,
}: {
  readonly policies: Pick<PolicyStore, 'publish'>;
  readonly wakeParked: () => Promise<number>;
  /** Has every running clock worked out anew. */
  readonly rebase: () => Promise<void>;
  readonly clock: Clock;
}) {
  return {
    /** Makes a scheduled version live, and lets parked leads look for an owner and running clocks go on by it. */
    publishPolicy: async ({ version }: { version: number }): Promise<void> => {
      await policies.publish(version, toInstant(clock.now()));
      await wakeParked();
      await rebase();
    },
  };
}
