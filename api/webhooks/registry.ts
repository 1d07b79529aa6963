import type { SourceKind } from '../ports';
import { calendly } from './calendly';
import { cloudEvents } from './cloudevents';
import { email } from './email';
import { generic } from './generic';
import { googleAds } from './google-ads';
import { hubspotV1, hubspotV2, hubspotV3 } from './hubspot';
import { intercom } from './intercom';
import { linkedin } from './linkedin';
import { meta } from './meta';
import { pipedrive } from './pipedrive';
import type { WebhookScheme } from './scheme';
import { segment } from './segment';
import { slack } from './slack';
import { standardWebhooks } from './standard-webhooks';
import { stripe } from './stripe';
import { typeform } from './typeform';
import { webflow } from './webflow';

/** Every kind of source; a new one is a file, a name in `ports.ts` and a line here. */
export const webhookSchemes: Readonly<Record<SourceKind, WebhookScheme>> = {
  'standard-webhooks': standardWebhooks,
  generic,
  email,
  cloudevents: cloudEvents,
  hubspot: hubspotV3,
  'hubspot-v2': hubspotV2,
  'hubspot-v1': hubspotV1,
  meta,
  'google-ads': googleAds,
  linkedin,
  typeform,
  webflow,
  calendly,
  stripe,
  intercom,
  segment,
  slack,
  pipedrive,
};
