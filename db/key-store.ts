import type { ApiKeyStore, ApiKeyView, ApiScope } from '../api/ports';
import { toInstant } from '../domain/instant';
import type { Database } from './client';
import type { ApiKeyModel } from './generated/models';

export function createKeyStore({ prisma }: Database): ApiKeyStore {
  return {
    live: async () =>
      (await prisma.apiKey.findMany({ where: { revokedAt: null } })).map((row) => ({
        ...viewOf(row),
        hash: row.hash,
      })),
    create: async (key) =>
      viewOf(
        await prisma.apiKey.create({
          data: {
            id: key.id,
            name: key.name,
            hash: key.hash,
            scopes: [...key.scopes],
            ratePerSecond: key.ratePerSecond ?? null,
          },
        }),
      ),
    list: async () => (await prisma.apiKey.findMany({ orderBy: { createdAt: 'desc' } })).map(viewOf),
    revoke: async (id, at) =>
      (await prisma.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: at } })).count > 0,
  };
}

function viewOf(row: ApiKeyModel): ApiKeyView {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes as ApiScope[],
    createdAt: toInstant(row.createdAt.getTime()),
    ...(row.ratePerSecond === null ? {} : { ratePerSecond: row.ratePerSecond }),
    ...(row.revokedAt ? { revokedAt: toInstant(row.revokedAt.getTime()) } : {}),
  };
}
