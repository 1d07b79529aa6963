/** Rejects with `error` when the process is told to end; without it, that ends the process at once. */
export function interruption(error: Error): Promise<never> {
  return new Promise<never>((_, reject) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      // Not once: npm passes on the signal that a terminal sends to all.
      process.on(name, () => {
        reject(error);
      });
  });
}
