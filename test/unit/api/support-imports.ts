import type { ImportBook } from '../../../api/ports';
import type { World } from './support';

/** Imports that never go on: what the API keeps and says of them. */
export function fakeImports({ imports, files }: Pick<World, 'imports' | 'files'>): ImportBook {
  return {
    open: async (wanted) => {
      files.push(wanted);
      const { source, format } = wanted.reading;
      const counts = { accepted: 0, duplicates: 0, failed: 0 };
      const view = {
        id: wanted.id,
        source,
        format,
        status: 'queued',
        createdAt: wanted.at,
        ...counts,
      } as const;
      if (!imports.has(wanted.id)) imports.set(wanted.id, view);
    },
    view: async (id) => imports.get(id),
    faults: async () => [{ line: 3, field: 'email', reason: 'is not an "address"' }],
    cancel: async (id, at) => {
      const found = imports.get(id);
      if (!found || found.status === 'cancelled') return false;
      imports.set(id, { ...found, status: 'cancelled', finishedAt: at });
      return true;
    },
  };
}
