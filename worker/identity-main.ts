import { loadEnv } from '../config/env';
import { openDatabase, transaction } from '../db/client';
import { indexLeads, learnModel } from '../db/identity-lessons';
import { liveModel, publishModel } from '../db/identity-models';

const usage = `usage: npm run identity -- learn | publish VERSION | reindex
  learn            learns weights from what the instance has seen; writes a draft and says what would change
  publish VERSION  lets that version decide from now on
  reindex          makes keys of leads identified before there were any`;

/** `npm run identity`: the engine's upkeep, against DATABASE_URL. */
async function main([command, version, ...rest]: readonly string[]): Promise<void> {
  const { DATABASE_URL: databaseUrl } = loadEnv(process.env);
  const known = command === 'publish' ? /^\d+$/.test(version ?? '') : version === undefined;
  if (!['learn', 'publish', 'reindex'].includes(command ?? '') || !known || rest.length > 0)
    throw new Error(usage);
  if (databaseUrl === undefined)
    throw new Error(
      'DATABASE_URL is missing: the database of a running instance; `npm run services` prints it',
    );
  const db = openDatabase({ databaseUrl, maxConnections: 2, onFault: () => undefined });
  try {
    if (command === 'learn') {
      const learned = await learnModel(db.pool, await liveModel(db.pool), say);
      process.stdout.write(`${JSON.stringify(learned, undefined, 2)}\n`);
    } else if (command === 'publish') {
      const found = await transaction(db.pool, (client) => publishModel(client, Number(version)));
      if (!found) throw new Error(`there is no version ${version ?? ''}`);
      say(`version ${version ?? ''} decides from now on; workers follow within 15 s`);
    } else {
      say(`${String(await indexLeads(db.pool, say))} leads were indexed`);
    }
  } finally {
    await db.close();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

void main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
