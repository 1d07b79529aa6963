export type RebaseActivities = ReturnType<typeof createRebaseActivities>;

export function createRebaseActivities({
  signalOwned,
}: {
  readonly signalOwned: (jobId: string, rep: string | undefined) => Promise<void>;
}) {
  return {
    /** Starts one batch operation of the server, which tells every run with an owner, or those of one, that time changed. */
    tellRuns: ({ jobId, rep }: { readonly jobId: string; readonly rep?: string }): Promise<void> =>
      signalOwned(jobId, rep),
  };
}
