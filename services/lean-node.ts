/**
 * How the API and the worker are run: a heap that collects garbage before it grows and few malloc arenas. Measured on the
 * worker after 700 leads: 443 MB resident without, 251 to 283 with, at the same CPU per lead. A larger heap is a
 * matter of NODE_OPTIONS with `npm run worker`. So small a heap is collected by one thread: four helpers that wait for each
 * other took a tenth of the worker's CPU per lead.
 */
export const leanArgs: readonly string[] = [
  '--max-old-space-size=192',
  '--max-semi-space-size=4',
  '--single-threaded-gc',
];
export const leanEnv: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
