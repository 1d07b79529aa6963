import type { NewLead } from '../../../activities/ports';
import { createIntake } from '../../../api/intake';
import { NothingDurableError } from '../../../api/errors';
import { createLogger } from '../../../config/logger';
import type { LeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';

const lead = (id: string): NewLead => ({
  leadId: id as LeadId,
  source: 'api',
  eventKey: id,
  rawBody: '{}',
  fields: {},
  receivedAt: toInstant(0),
});

function intakeOver(accept: (leads: readonly NewLead[]) => Promise<void>, temporal = true) {
  const heldByTemporal: string[] = [];
  const started: string[] = [];
  const intake = createIntake({
    inbox: {
      accept: async (leads) => {
        await accept(leads);
        return new Set();
      },
    },
    takeIn: ({ leadId }) => {
      if (!temporal) return Promise.reject(new Error('Temporal is away'));
      heldByTemporal.push(leadId);
      return Promise.resolve();
    },
    accepted: ({ leadId }) => started.push(leadId),
    log: createLogger({ level: 'silent', process: 'test' }),
  });
  return { intake, heldByTemporal, started };
}

const refused = (code: string): Error => Object.assign(new Error('refused'), { code });

// What pg says when the server is gone, going, silent, or too slow for a sender to wait.
test.each([
  ['nothing listens', refused('ECONNREFUSED')],
  ['the connection broke', new Error('Connection terminated unexpectedly')],
  ['no connection within the limit', new Error('Connection terminated due to connection timeout')],
  ['every connection is busy', new Error('timeout exceeded when trying to connect')],
  ['the server is starting up', refused('57P03')],
  ['the server does not answer', new Error('Query read timeout')],
  ['the statement took too long', refused('57014')],
])('while Postgres is away (%s) Temporal keeps the lead', async (_name, fault) => {
  const { intake, heldByTemporal, started } = intakeOver(() => Promise.reject(fault));
  await intake.accept(lead('lead_1'));
  expect([heldByTemporal, started]).toEqual([['lead_1'], []]);
});

test('a lead Postgres dislikes is refused alone, the others of its commit are taken in', async () => {
  const { intake, started } = intakeOver((leads) =>
    leads.some(({ leadId }) => leadId === 'bad') ? Promise.reject(refused('22P05')) : Promise.resolve(),
  );
  const answers = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((id) => intake.accept(lead(id))));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect([...started].sort()).toEqual(['a', 'b', 'c']);
});

test('Postgres going away while the leads of a disliked commit are taken in one by one loses none', async () => {
  let calls = 0;
  const { intake, heldByTemporal, started } = intakeOver((leads) => {
    calls += 1;
    if (calls <= 2) return new Promise((resolve) => setImmediate(resolve)); // keeps both commits busy
    return Promise.reject(leads.length > 1 ? refused('22P05') : refused('ECONNREFUSED'));
  });
  await Promise.all(['a', 'b', 'c', 'd'].map((id) => intake.accept(lead(id))));
  expect(started.sort()).toEqual(['a', 'b']);
  expect(heldByTemporal.sort()).toEqual(['c', 'd']);
});

test('with both away the sender is told that nothing is durable', async () => {
  const { intake } = intakeOver(() => Promise.reject(refused('ECONNREFUSED')), false);
  await expect(intake.accept(lead('lead_1'))).rejects.toBeInstanceOf(NothingDurableError);
});
