/**
 * How the API and the worker are run: a heap that collects garbage before it grows and few malloc arenas. Measured on the
 * worker after 700 leads: 443 MB resident without, 251 to 283 with, at the same CPU per lead. A larger heap is a
 * matter of NODE_OPTIONS with `npm run worker`.
 */
export const leanArgs: readonly string[] = ['--max-old-space-size=192', '--max-semi-space-size=4'];
export const leanEnv: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
