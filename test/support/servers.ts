import { mkdtempSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServices, type Services } from '../../services/embedded';
import { findTemporalCli } from '../../services/temporal-cli';

const root = join(__dirname, '../..');

/**
 * PostgreSQL and Temporal in a fresh directory; the Temporal CLI is shared with the project's own data directory.
 * @param dynamicConfig of Temporal, as `key=value`.
 */
export async function startScratchServers(
  namespaces: readonly string[],
  dynamicConfig: readonly string[] = [],
): Promise<{ readonly services: Services; readonly dataDir: string }> {
  const dataDir = join(realpathSync(mkdtempSync(join(tmpdir(), 'lead-router-test-'))), 'data');
  const shared = resolve(root, process.env['DATA_DIR'] ?? '.data');
  const cli = await findTemporalCli({
    dataDir: shared,
    env: process.env,
    log: (line) => {
      process.stderr.write(`${line}\n`);
    },
  });
  mkdirSync(join(dataDir, 'bin'), { recursive: true });
  symlinkSync(cli, join(dataDir, 'bin', 'temporal'));
  const services = await startServices({
    dataDir,
    namespaces: [...namespaces],
    dynamicConfig,
    log: () => undefined,
  });
  return { services, dataDir };
}
