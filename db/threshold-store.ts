import type { Pool } from 'pg';
import type { ThresholdStore } from '../api/ports-identity';
import { proposeThresholds, type Verdict } from '../domain/identity/thresholds';
import { transaction } from './client';
import { liveModel, publishModel, saveModel } from './identity-models';

/** Verdicts that are looked at, the latest: what reviewers said years ago is about another model. */
const mostVerdicts = 20_000;
/** No threshold decided that these were asked about: a lead was near enough to both. */
const notAsked = JSON.stringify([{ fact: 'together', level: 'duplicate' }]);

export function createThresholdStore(pool: Pool): ThresholdStore {
  return {
    propose: () =>
      transaction(pool, async (client) => {
        const model = await liveModel(client);
        const { rows } = await client.query<Verdict>(
          `SELECT bits, state = 'same' AS same FROM identity_reviews WHERE state <> 'open' AND NOT reasons @> $2
           ORDER BY decided_at DESC LIMIT $1`,
          [mostVerdicts, notAsked],
        );
        const { acceptBits, reviewBits } = model;
        const proposal = proposeThresholds(rows, { acceptBits, reviewBits });
        if (proposal.kind === 'too_few') return proposal;
        const { report } = proposal;
        const version = await saveModel(client, { ...model, ...report.after }, { thresholds: report });
        return { kind: 'draft', version, report };
      }),
    publish: (version) => transaction(pool, (client) => publishModel(client, version)),
  };
}
