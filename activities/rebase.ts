import type { OwedRebases } from './ports';

export type RebaseActivities = ReturnType<typeof createRebaseActivities>;

export function createRebaseActivities({
  signalOwned,
  ensureRebase,
  rebases,
}: {
  readonly signalOwned: (jobId: string, rep: string | undefined) => Promise<void>;
  /** Sees to it that the re-base is under way. */
  readonly ensureRebase: (rep: string | undefined) => Promise<void>;
  readonly rebases: OwedRebases;
}) {
  return {
    /**
     * Starts one batch operation of the server, which tells every run with an owner, or those of one, that time changed.
     * From then on the re-base is the server's to carry out, and not owed any more unless something changed meanwhile.
     */
    tellRuns: async ({ jobId, rep }: { readonly jobId: string; readonly rep?: string }): Promise<void> => {
      const [owed] = (await rebases.owed()).filter((one) => one.rep === rep);
      await signalOwned(jobId, rep);
      if (owed) await rebases.done(owed);
    },
    /** Starts what was left undone when Temporal was away at a change of the policy or an absence. @returns how many. */
    startOwedRebases: async (): Promise<number> => {
      const owed = await rebases.owed();
      for (const { rep } of owed) await ensureRebase(rep);
      return owed.length;
    },
  };
}
