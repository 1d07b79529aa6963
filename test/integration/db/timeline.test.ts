import { openDatabase } from '../../../db/client';
import { createLeadReader } from '../../../db/lead-reader';
import { deriveLeadId } from '../../../domain/ids';
import { cloneDatabase } from '../../support/database';

test('a timeline is in the order in which things happened, whichever was written first', async () => {
  const database = await cloneDatabase();
  const db = openDatabase({ databaseUrl: database.url, maxConnections: 1, onFault: () => undefined });
  try {
    const leadId = deriveLeadId('test', 'order');
    await db.pool.query(
      `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at) VALUES ($1, 'test', 'order', '', '{}', '2026-11-24T09:00:00Z')`,
      [leadId],
    );
    // A repeat is written while the transaction that gives the lead its owner is still under way.
    await db.pool.query(
      `INSERT INTO timeline (lead_id, at, what, details) VALUES
         ($1, '2026-11-24T09:00:00.010Z', 'identified', '{}'), ($1, '2026-11-24T09:00:00.030Z', 'repeat_touch', '{}'),
         ($1, '2026-11-24T09:00:00.020Z', 'assigned', '{}'), ($1, '2026-11-24T09:00:00.030Z', 'notified', '{}')`,
      [leadId],
    );
    const view = await createLeadReader(db.pool, (repId) => Promise.resolve(repId)).view(leadId);
    expect(view?.timeline.map(({ what }) => what)).toEqual([
      'received',
      'identified',
      'assigned',
      'repeat_touch',
      'notified', // of one instant: as they were written
    ]);
  } finally {
    await db.close();
    await database.drop();
  }
});
