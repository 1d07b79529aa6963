import type { FailureCode } from '../../activities/failures';
import type { NotifyPort } from '../../activities/ports-vendors';
import { failureOf, notification, patient, personal } from './examples';

/** One channel together with a way to look at what its receiver got. */
export interface NotifyHarness {
  readonly port: NotifyPort;
  /** A text of each delivery that is the same for two deliveries of one notification, and for no others. */
  readonly deliveries: () => readonly string[];
  readonly close: () => Promise<void>;
  /** Ways the receiver can fail, and how each must be reported; none for a channel that cannot fail. */
  readonly faults: readonly {
    readonly name: string;
    readonly code: FailureCode;
    readonly retryAfterMs?: number;
    readonly arrange: () => void | Promise<void>;
    /** The channel with little patience, for a fault that must end in a timeout. */
    readonly hasty?: NotifyPort;
    /** A fault nothing comes back from. */
    readonly final?: boolean;
  }[];
}

/** What every notification channel must keep. */
export function notifyContract(name: string, start: () => Promise<NotifyHarness>): void {
  describe(`notification contract: ${name}`, () => {
    let channel: NotifyHarness;
    beforeEach(async () => {
      channel = await start();
    });
    afterEach(() => channel.close());

    it('is named for what it is', () => {
      expect(channel.port.channel).toBe(name);
    });

    it('delivers, and answers with words fit for a timeline', async () => {
      const answer = await channel.port.send(notification(), patient());
      expect(channel.deliveries()).toHaveLength(1);
      expect(answer).not.toBe('');
      expect(answer.length).toBeLessThan(200);
      for (const word of [...personal, 's3cr3t']) expect(answer).not.toContain(word);
    });

    it('delivers with and without a due instant', async () => {
      const { dueAt: _dueAt, ...undated } = notification();
      await channel.port.send(undated, patient());
      expect(channel.deliveries()).toHaveLength(1);
    });

    // A worker that dies after sending sends again; the receiver must be able to tell.
    it('lets a receiver recognise a repeat', async () => {
      await channel.port.send(notification(), patient());
      await channel.port.send(notification(), patient());
      const other = notification({ key: `${notification().leadId}:notify:assigned:2`, subject: 'Another' });
      await channel.port.send(other, patient());
      const [first, repeat, third] = channel.deliveries();
      expect(repeat).toBe(first);
      expect(third).not.toBe(first);
    });

    it('sends nothing for a caller who has given up, and throws the caller’s reason', async () => {
      const reason = new Error('cancelled');
      await expect(channel.port.send(notification(), AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(channel.deliveries()).toEqual([]);
    });

    it('reports every fault of the receiver by its code, without personal data, and recovers', async () => {
      for (const fault of channel.faults) {
        await fault.arrange();
        const failure = await failureOf((fault.hasty ?? channel.port).send(notification(), patient()));
        expect({ fault: fault.name, code: failure.code, retryAfterMs: failure.retryAfterMs }).toEqual({
          fault: fault.name,
          code: fault.code,
          retryAfterMs: fault.retryAfterMs,
        });
        if (!fault.final) await channel.port.send(notification(), patient());
      }
    }, 30_000);
  });
}
