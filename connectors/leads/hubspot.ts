import { z } from 'zod';
import type { FetchPort, FetchWanted } from '../../activities/ports-fetch';
import { explainHubspot } from '../crm/hubspot';
import { hubspotKey, hubspotVersion } from '../crm/hubspot-account';
import { callHttp, parseAnswer } from '../http';
import type { FetcherOptions } from './meta';
import { namedIn } from './named';

const system = 'hubspot';
/** What a contact's fields are called over there, as far as a lead has them. */
const standard =
  'firstname,lastname,email,phone,mobilephone,company,website,jobtitle,country,city,zip,state,address,message';

const Event = z.looseObject({ objectId: z.union([z.number(), z.string()]) });
const Contact = z.looseObject({
  id: z.string(),
  properties: z.record(z.string(), z.string().nullable()),
});

/**
 * HubSpot: the contact by the id that a subscription named, with a private app's token (`crm.objects.contacts.read`).
 * Properties that the mapping of the source names are asked for as well.
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/get-contact
 */
export function createHubspotFetcher({ url, clock, outbound }: FetcherOptions): FetchPort {
  return {
    fetch: async ({ data, accessToken, mapping }, signal) => {
      const event = namedIn(system, Event, data);
      const properties = encodeURIComponent([standard, hubspotKey, ...mappedIn(mapping)].join(','));
      const path = `/crm/objects/${hubspotVersion}/contacts/${encodeURIComponent(String(event.objectId))}`;
      const { text } = await callHttp({
        system,
        method: 'GET',
        url: new URL(`${url.replace(/\/+$/, '')}${path}?properties=${properties}`),
        headers: { authorization: `Bearer ${accessToken}` },
        signal,
        nowMs: clock.now(),
        outbound,
        explain: explainHubspot,
      });
      const contact = parseAnswer(system, Contact, text);
      // A new contact that has our id already is one that we wrote as a lead.
      return { data: { ...event, ...contact }, nature: contact.properties[hubspotKey] ? 'other' : 'lead' };
    },
  };
}

/** `properties.budget` and `/properties/budget` ask for `budget`. */
function mappedIn(mapping: FetchWanted['mapping']): readonly string[] {
  return Object.values(mapping ?? {}).flatMap(
    (path) => /^\/?properties[./]([a-z0-9_]+)$/.exec(path)?.[1] ?? [],
  );
}
