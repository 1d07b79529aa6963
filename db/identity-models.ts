import type { ClientBase, Pool } from 'pg';
import type { PolicySource } from '../activities/ports';
import { defaultModel, type IdentityModel } from '../domain/identity/model';
import type { MatchBy } from './recognise';

/** A learned model as it is kept; maps as objects. */
type StoredModel = Omit<IdentityModel, 'shares'> & {
  readonly shares: Readonly<Record<'given' | 'family', Readonly<Record<string, number>>>>;
};

/** What decisions are made by. */
export interface IdentityModels {
  /** The live model, the defaults before anything was learned, and the live policy's word on identity. May be some
   * seconds behind a publication. */
  current(): Promise<MatchBy>;
}

const staleMs = 15_000;

/** Reads both at most every 15 s; a model is immutable, so only its number is asked for again. */
export function createIdentityModels(
  pool: Pool,
  policies: Pick<PolicySource, 'live'>,
  now: () => number = Date.now,
): IdentityModels {
  let known: { readonly version: number; readonly by: MatchBy } | undefined;
  let askedAt = -Infinity;
  return {
    current: async () => {
      if (known && now() - askedAt < staleMs) return known.by;
      const [{ rows }, policy] = await Promise.all([
        pool.query<{ version: number; model: StoredModel | null }>(
          `SELECT version, CASE WHEN version <> $1 THEN model END AS model FROM identity_models WHERE state = 'live'`,
          [known?.version ?? 0],
        ),
        policies.live(),
      ]);
      const { subsidiaries = 'separate', sources = {} } = policy?.policy.identity ?? {};
      const [live] = rows;
      const model = live === undefined ? defaultModel : live.model ? revived(live.model) : known?.by.model;
      known = {
        version: live?.version ?? 0,
        by: { model: model ?? defaultModel, subsidiaries, authority: sources },
      };
      askedAt = now();
      return known.by;
    },
  };
}

/** The model that decides now, straight from the table. */
export async function liveModel(client: ClientBase | Pool): Promise<IdentityModel> {
  const { rows } = await client.query<{ model: StoredModel }>(
    `SELECT model FROM identity_models WHERE state = 'live'`,
  );
  return rows[0] ? revived(rows[0].model) : defaultModel;
}

/** Stores a learned model as a draft. @returns its version */
export async function saveModel(client: ClientBase, model: IdentityModel, report: unknown): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `INSERT INTO identity_models (state, model, report) VALUES ('draft', $1, $2) RETURNING version`,
    [JSON.stringify(stored(model)), JSON.stringify(report)],
  );
  return rows[0]?.version ?? 0;
}

/** Makes a version the one that decides. @returns false when there is no such version */
export async function publishModel(client: ClientBase, version: number): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT 1 FROM identity_models WHERE version = $1 FOR UPDATE`, [
    version,
  ]);
  if (rowCount === 0) return false;
  await client.query(`UPDATE identity_models SET state = 'retired' WHERE state = 'live' AND version <> $1`, [
    version,
  ]);
  await client.query(`UPDATE identity_models SET state = 'live' WHERE version = $1`, [version]);
  return true;
}

const stored = (model: IdentityModel): StoredModel => ({
  ...model,
  shares: { given: Object.fromEntries(model.shares.given), family: Object.fromEntries(model.shares.family) },
});

/** What a model of an earlier release does not know is as by default. */
const revived = (model: StoredModel): IdentityModel => ({
  ...defaultModel,
  ...model,
  shares: {
    given: new Map(Object.entries(model.shares.given)),
    family: new Map(Object.entries(model.shares.family)),
  },
});
