import { loadEnv } from '../config/env';
import { lockDataDir, type DataDir } from './data-dir';
import { startServices, type Services } from './embedded';
import { runInForeground, type Foreground } from './foreground';
import { bringBack } from './keep-up';

/** `npm run services`: only the embedded servers, in the foreground. */
class ServicesOnly implements Foreground {
  private dataDir: DataDir | undefined;
  private services: Services | undefined;
  private readonly env = loadEnv(process.env);

  async start(signal: AbortSignal): Promise<void> {
    const { env } = this;
    this.dataDir = await lockDataDir(env.DATA_DIR, print);
    this.services = await startServices({
      dataDir: this.dataDir.path,
      locked: true,
      databaseUrl: env.DATABASE_URL,
      temporalAddress: env.TEMPORAL_ADDRESS,
      namespaces: [env.TEMPORAL_NAMESPACE],
      log: print,
      signal,
      onDeath: (name, exit) => {
        if (this.services) void bringBack(this.services, { name, exit }, { log: print, signal });
      },
    });
    print(`DATABASE_URL=${this.services.databaseUrl}`);
    print(`TEMPORAL_ADDRESS=${this.services.temporalAddress}`);
    if (this.services.temporalUiUrl !== undefined) print(`Temporal Web UI: ${this.services.temporalUiUrl}`);
    print('ready');
  }

  async stop(options: { readonly hard: boolean }): Promise<void> {
    this.dataDir?.announceStop();
    await this.services?.stop(options);
    if (this.services) print('stopped');
    this.dataDir?.release();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void runInForeground(() => new ServicesOnly());
