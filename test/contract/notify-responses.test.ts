import { createPagerDutyNotifier } from '../../connectors/notify/pagerduty';
import { createSlackNotifier } from '../../connectors/notify/slack';
import { smtpFault } from '../../connectors/notify/smtp';
import { createTeamsNotifier } from '../../connectors/notify/teams';
import type { NotifyPort } from '../../activities/ports-vendors';
import cases from '../fixtures/notification-responses.json';
import { clock, failureOf, notification, patient } from './examples';
import { startRecorder } from './recorder';

/** Our codes for each verdict of the recorded answers. */
const codes: Readonly<Record<string, readonly string[]>> = {
  'fail-permanent': ['rejected'],
  'fail-config': ['auth'],
  'retry-backoff': ['busy', 'unreachable'],
  'retry-after': ['busy'],
  'unknown-outcome': ['unknown_outcome'],
};

const ports: Readonly<Record<string, (url: string) => NotifyPort>> = {
  'incoming webhook': (url) => createSlackNotifier({ url: `${url}/services/T0/B0/s3cr3t`, clock }),
  'chat.postMessage': (url) =>
    createSlackNotifier({ botToken: 'xoxb-s3cr3t', channel: 'C123', apiUrl: url, clock }),
  'workflow webhook': (url) => createTeamsNotifier({ url, clock }),
  enqueue: (url) => createPagerDutyNotifier({ routingKey: 's3cr3t', url, clock }),
};

interface Recorded {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly text?: string;
  readonly body?: unknown;
  readonly nodemailerError?: unknown;
}

const textOf = ({ text, body }: Recorded): string => text ?? (body === undefined ? '' : JSON.stringify(body));

describe('recorded answers', () => {
  it.each(cases.filter(({ vendor }) => vendor !== 'smtp'))(
    'treats $id as $classify',
    async ({ operation, response, classify, waitMs }) => {
      const { status = 0, headers = {}, ...said } = response as Recorded;
      const sent = Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      );
      const recorder = await startRecorder(() => ({ status, headers: sent, text: textOf(said) }));
      const call = ports[operation]!(recorder.url).send(notification({ kind: 'escalation' }), patient());
      if (classify === 'ok') {
        expect(await call).toBeTruthy();
        return;
      }
      const failure = await failureOf(call);
      expect(codes[classify]).toContain(failure.code);
      expect(failure.retryAfterMs).toBe(waitMs);
    },
  );

  it.each(cases.filter(({ vendor, classify }) => vendor === 'smtp' && classify !== 'ok'))(
    'treats $id as $classify',
    ({ response, classify }) => {
      const fault = Object.assign(new Error('said'), (response as Recorded).nodemailerError);
      expect(codes[classify]).toContain(smtpFault(fault).code);
    },
  );
});
