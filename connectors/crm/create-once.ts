import { ConnectorError } from '../../activities/failures';

/** Until then a create that nobody answered has taken effect, and can be found, or never will. */
export const settleMs = 30_000;

/**
 * Makes a record in a CRM without unique keys, where each is looked for first. A create that was not answered may take
 * effect later: whoever tries again at once looks too early and makes it twice.
 * @throws ConnectorError `unknown_outcome`, to be tried again when it can be found
 */
export async function createOnce<T>(create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof ConnectorError) || !isUnanswered(error)) throw error;
    throw new ConnectorError('unknown_outcome', error.message, { retryAfterMs: settleMs });
  }
}

/** A gateway's 502 or 504 is no answer either; who refuses in time says until when. */
const isUnanswered = ({ code, retryAfterMs }: ConnectorError): boolean =>
  code === 'timeout' || code === 'unreachable' || (code === 'busy' && retryAfterMs === undefined);
