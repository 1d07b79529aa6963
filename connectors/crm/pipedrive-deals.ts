import { z } from 'zod';
import { parseInstant } from '../../domain/instant';
import { parseAnswer } from '../http';
import type { VendorApi, VendorCall } from './vendor-api';

/** Rows of a page: as many fit an answer however many fields a company has added to its leads and deals. */
export const pageSize = 100;

/** Its times, as instants. */
export const Instant = z.string().transform((text, context) => {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  context.addIssue({ code: 'custom', message: 'no instant' });
  return z.NEVER;
});
const Deal = z.object({
  id: z.int().min(1),
  source_lead_id: z.string().nullish(),
  owner_id: z.int(),
  status: z.string(),
  update_time: Instant,
});
const OneDeal = z.object({ data: Deal });
const Deals = z.object({
  data: z.array(Deal),
  additional_data: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

const withLead = 'include_fields=source_lead_id';

/** A deal, with the id of the lead it was made from. */
export type PipedriveDeal = z.infer<typeof Deal>;

/** One deal by its id. @throws RefusedError `not found` */
export async function dealById(
  call: VendorApi,
  id: string,
  how: Pick<VendorCall, 'band' | 'signal'>,
): Promise<PipedriveDeal> {
  const { text } = await call({ method: 'GET', path: `/api/v2/deals/${id}?${withLead}`, ...how });
  return parseAnswer('pipedrive', OneDeal, text).data;
}

/**
 * One page of deals that are not deleted. `next` is the cursor of the page behind it; it names a row and not a number, so
 * that none is skipped when deals change meanwhile.
 * @see https://developers.pipedrive.com/docs/api/v1/Deals#getDeals
 */
export async function dealPage(
  call: VendorApi,
  query: string,
  { cursor, ...how }: Pick<VendorCall, 'band' | 'signal'> & { readonly cursor?: string | undefined },
): Promise<{ readonly deals: readonly PipedriveDeal[]; readonly next: string | undefined }> {
  const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const path = `/api/v2/deals?${query}&${withLead}&limit=${String(pageSize)}${more}`;
  const { text } = await call({ method: 'GET', path, ...how });
  const { data, additional_data: about } = parseAnswer('pipedrive', Deals, text);
  return { deals: data, next: about?.next_cursor ?? undefined };
}
