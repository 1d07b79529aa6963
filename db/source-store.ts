import type { SourceConfig, SourceKind, SourceOauth, SourceStore } from '../api/ports';
import type { GateSettings } from '../domain/gate';
import { toInstant } from '../domain/instant';
import { seal, unseal } from '../domain/sealed';
import type { Database } from './client';
import { Prisma } from './generated/client';

/** @param key 32 bytes; secrets are stored sealed with it. */
export function createSourceStore({ prisma }: Database, key: Buffer): SourceStore {
  const sealed = (text: string): string => seal(key, Buffer.from(text)).toString('base64');
  const opened = (text: string): string => unseal(key, Buffer.from(text, 'base64')).toString();
  return {
    all: async () =>
      (await prisma.source.findMany()).map((row): SourceConfig => ({
        name: row.name,
        kind: row.kind as SourceKind,
        secrets: JSON.parse(opened(row.secrets)) as string[],
        ...(row.previousUntil ? { previousUntil: toInstant(row.previousUntil.getTime()) } : {}),
        ...(row.verifyToken === null ? {} : { verifyToken: opened(row.verifyToken) }),
        ...(row.accessToken === null ? {} : { accessToken: opened(row.accessToken) }),
        ...(row.oauth === null ? {} : { oauth: JSON.parse(opened(row.oauth)) as SourceOauth }),
        ...(row.mapping ? { mapping: row.mapping as Record<string, string> } : {}),
        ...(row.gate === null ? {} : { gate: JSON.parse(opened(row.gate)) as GateSettings }),
      })),
    put: async ({ name, kind, secrets, previousUntil, verifyToken, accessToken, oauth, mapping, gate }) => {
      const data = {
        kind,
        secrets: sealed(JSON.stringify(secrets)),
        previousUntil: previousUntil ?? null,
        verifyToken: verifyToken === undefined ? null : sealed(verifyToken),
        accessToken: accessToken === undefined ? null : sealed(accessToken),
        oauth: oauth === undefined ? null : sealed(JSON.stringify(oauth)),
        mapping: mapping ?? Prisma.DbNull,
        gate: gate === undefined ? null : sealed(JSON.stringify(gate)),
      };
      await prisma.source.upsert({ where: { name }, create: { name, ...data }, update: data });
    },
  };
}
