import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startFakeCrm } from './fake';

/** `fake-main [--port N] [--secret S] [--delay MS]`: the fake CRM as a process; prints what the app needs to use it. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, secret: { type: 'string' }, delay: { type: 'string' } },
  });
  const crm = await startFakeCrm({
    port: Number(values.port ?? 0),
    secret: values.secret ?? `whsec_${randomBytes(24).toString('base64')}`,
    delayMs: Number(values.delay ?? 0),
  });
  process.stdout.write(`CRM_HTTP_URL=${crm.url}\nCRM_HTTP_SECRET=${crm.secret}\nready\n`);
  const stop = (): void => void crm.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
