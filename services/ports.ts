import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from './start-error';

const Ports = z.object({ postgres: z.number(), temporal: z.number(), temporalUi: z.number() }).partial();

/** Ports the embedded servers of one data directory used last. */
export type Ports = z.infer<typeof Ports>;

const fileIn = (dataDir: string) => join(dataDir, 'ports.json');

/** Ports used last; empty when there are none or the file is damaged, for they are only a preference. */
export function readPorts(dataDir: string): Ports {
  try {
    return Ports.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
  } catch {
    return {};
  }
}

/** Remembers ports, so that URLs stay the same over restarts. */
export function rememberPorts(dataDir: string, used: Ports): void {
  const file = fileIn(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify({ ...readPorts(dataDir), ...used }));
  renameSync(`${file}.new`, file);
}

/** The first preferred port that is free on 127.0.0.1, else any free one. */
export async function pickPort(preferred: readonly (number | undefined)[]): Promise<number> {
  for (const port of preferred) {
    if (port !== undefined && (await listenFault(port, '127.0.0.1')) === undefined) return port;
  }
  return await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  });
}

/** Why this process could not listen there (`EADDRINUSE`, `EACCES`, …), or undefined when it could. */
export async function listenFault(port: number, host: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const server = createServer().once('error', (error) => {
      resolve(codeOf(error) ?? error.message);
    });
    server.listen({ port, host, exclusive: true }, () =>
      server.close(() => {
        resolve(undefined);
      }),
    );
  });
}
