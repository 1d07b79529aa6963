import type { SourceConfig, SourceKind, SourceStore } from '../api/ports';
import { seal, unseal } from '../domain/sealed';
import type { Database } from './client';
import { Prisma } from './generated/client';

/** @param key 32 bytes; secrets are stored sealed with it. */
export function createSourceStore({ prisma }: Database, key: Buffer): SourceStore {
  return {
    all: async () =>
      (await prisma.source.findMany()).map((row): SourceConfig => ({
        name: row.name,
        kind: row.kind as SourceKind,
        secrets: JSON.parse(unseal(key, Buffer.from(row.secrets, 'base64')).toString()) as string[],
        ...(row.mapping ? { mapping: row.mapping as Record<string, string> } : {}),
      })),
    put: async ({ name, kind, secrets, mapping }) => {
      const data = {
        kind,
        secrets: seal(key, Buffer.from(JSON.stringify(secrets))).toString('base64'),
        mapping: mapping ?? Prisma.DbNull,
      };
      await prisma.source.upsert({ where: { name }, create: { name, ...data }, update: data });
    },
  };
}
