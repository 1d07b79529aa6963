import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type Env } from './env';

/** The instance's 32-byte key. Everything else that must be secret is derived from it by purpose. */
export interface InstanceKey {
  /** 32 bytes for one purpose (HMAC-SHA256 of the purpose under the instance key). */
  derive(
    purpose:
      | 'payload-codec'
      | 'source-secrets'
      | 'action-links'
      | 'notify-webhook'
      | 'console-session'
      | 'enrichment-questions',
  ): Buffer;
}

/**
 * Reads ENCRYPTION_KEY, else `<DATA_DIR>/encryption.key`, else generates that file (mode 0600).
 * Two processes that start at once agree: the file appears whole, in one step and never over another; the loser reads it.
 * @throws ConfigError when the file exists but does not hold 64 hexadecimal digits.
 */
export function loadInstanceKey(env: Pick<Env, 'ENCRYPTION_KEY' | 'DATA_DIR'>): InstanceKey {
  const master = Buffer.from(env.ENCRYPTION_KEY ?? readOrCreate(env.DATA_DIR), 'hex');
  return { derive: (purpose) => createHmac('sha256', master).update(purpose).digest() };
}

function readOrCreate(dataDir: string): string {
  const file = join(dataDir, 'encryption.key');
  mkdirSync(dataDir, { recursive: true });
  if (!existsSync(file)) create(file);
  const hex = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new ConfigError(
      `${file}: expected 64 hexadecimal digits; restore it from a backup, or set ENCRYPTION_KEY`,
    );
  }
  return hex;
}

function create(file: string): void {
  const mine = `${file}.${String(process.pid)}`;
  try {
    writeFileSync(mine, randomBytes(32).toString('hex'), { mode: 0o600 });
    linkSync(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}
