import { loadEnv } from '../config/env';
import { openDatabase, transaction } from '../db/client';
import { learnModel } from '../db/identity-lessons';
import { liveModel, publishModel } from '../db/identity-models';
import { reindex } from '../db/reindex';

const usage = `usage: npm run identity -- learn | publish VERSION | reindex [PERSON]
  learn            learns weights from what the instance has seen; writes a draft and says what would change
  publish VERSION  lets that version decide from now on
  reindex          reads all leads anew, so that people known from an earlier release are found as new ones are;
                   beside live leads. Goes on behind the PERSON whose number it said last`;

/** `npm run identity`: the engine's upkeep, against DATABASE_URL. */
async function main([command = '', number, ...rest]: readonly string[]): Promise<void> {
  const { DATABASE_URL: databaseUrl } = loadEnv(process.env);
  const numbered = number !== undefined && /^\d{1,9}$/.test(number);
  const known = { learn: number === undefined, publish: numbered, reindex: number === undefined || numbered };
  if (!Object.hasOwn(known, command) || !known[command as keyof typeof known] || rest.length > 0)
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
      const found = await transaction(db.pool, (client) => publishModel(client, Number(number)));
      if (!found) throw new Error(`there is no version ${number ?? ''}`);
      say(`version ${number ?? ''} decides from now on; workers follow within 15 s`);
    } else {
      const { people, accounts } = await reindex(db.pool, Number(number ?? 0), say);
      say(`${String(people)} people and ${String(accounts)} accounts were changed`);
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
