import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type Exit } from './child';
import type { ServiceName, Services } from './embedded';
import { messageOf } from './start-error';
import { restartPauseMs } from './supervise';

const titles: Readonly<Record<ServiceName, string>> = { postgres: 'PostgreSQL', temporal: 'Temporal' };

/** Brings an embedded server back that died, with growing pauses, until it runs or `signal` says stop. */
export async function bringBack(
  services: Services,
  died: { readonly name: ServiceName; readonly exit: Exit },
  options: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { log, signal } = options;
  const title = titles[died.name];
  let reason = `${title} ended (${describeExit(died.exit)})`;
  for (let failures = 0; !signal.aborted; failures++) {
    const pauseMs = failures === 0 ? 0 : restartPauseMs(failures - 1);
    log(`${reason}; restarting${pauseMs === 0 ? '' : ` in ${String(pauseMs / 1000)} s`}`);
    try {
      await delay(pauseMs, undefined, { signal });
      await (died.name === 'postgres' ? services.restartPostgres() : services.restartTemporal());
      log(`${title} is up again`);
      return;
    } catch (error) {
      reason = messageOf(error);
    }
  }
}
