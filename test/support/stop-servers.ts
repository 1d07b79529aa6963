import { rmSync } from 'node:fs';
import { join } from 'node:path';

export default async function stopServers(): Promise<void> {
  const servers = globalThis.testServers;
  if (!servers) return;
  await servers.services.stop();
  rmSync(join(servers.dataDir, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
