import type { Clock } from '../../activities/ports';
import type { SourceConfig, SourceStore } from '../ports';
import type { Logger } from '../../config/logger';
import { keptFresh, type KeptFresh } from '../kept-fresh';

/** Sources by name, as requests see them: served from memory, also while Postgres is away. */
export interface SourceBook {
  find(name: string): Promise<SourceConfig | undefined>;
  /** The same for a name that need not be a source: what is not known is not asked for, and nothing is thrown. */
  known(name: string): Promise<SourceConfig | undefined>;
  /** Makes a change of this process visible to it at once. */
  reload(): Promise<unknown>;
}

export function createSourceBook(options: {
  readonly sources: SourceStore;
  readonly clock: Clock;
  readonly log: Logger;
}): SourceBook {
  const known: KeptFresh<ReadonlyMap<string, SourceConfig>> = keptFresh({
    what: 'sources',
    load: async () => new Map((await options.sources.all()).map((source) => [source.name, source])),
    clock: options.clock,
    log: options.log,
  });
  return {
    find: async (name) => (await known.current()).get(name) ?? (await known.afterMiss()).get(name),
    known: async (name) => (await known.current().catch(() => undefined))?.get(name),
    reload: () => known.reload(),
  };
}
