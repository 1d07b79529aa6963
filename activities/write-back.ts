import { unseal } from '../domain/sealed';
import type { LeadInbox, NewLead } from './ports';

export type WriteBackActivities = ReturnType<typeof createWriteBackActivities>;

export function createWriteBackActivities({
  inbox,
  payloadKey,
}: {
  readonly inbox: LeadInbox;
  readonly payloadKey: Buffer;
}) {
  return {
    /** Puts a lead that was taken in while Postgres was away into the inbox; retried until Postgres is back. */
    writeBack: async ({ sealed }: { sealed: string }): Promise<void> => {
      await inbox.accept([
        JSON.parse(unseal(payloadKey, Buffer.from(sealed, 'base64')).toString()) as NewLead,
      ]);
    },
  };
}
