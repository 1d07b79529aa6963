import type { PersonMade } from '../../activities/ports-vendors';
import { nameOfDeal } from '../../domain/crm/named-deal';
import { objectAt, objectsIn, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { refused, sameText, usableSecrets } from './signature';

/**
 * Pipedrive webhooks v2: not signed, HTTP Basic is the only check; the secret is `user:password`. A new person is a
 * lead; Pipedrive's own leads name theirs by id.
 * @see https://pipedrive.readme.io/docs/guide-for-webhooks-v2
 */
export const pipedrive: WebhookScheme = {
  verify: (secrets, { header }) => {
    const usable = usableSecrets(secrets);
    if (usable.length === 0) return refused('no_secret');
    const given = header('authorization');
    if (given === undefined) return refused('missing_header');
    const credentials = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(given)?.[1];
    if (credentials === undefined) return refused('bad_signature');
    const text = Buffer.from(credentials, 'base64').toString();
    return usable.some((secret) => sameText(secret, text)) ? { ok: true } : refused('bad_signature');
  },
  crm: 'pipedrive',
  events: (payload) => {
    const { id, entity, action, entity_id, change_source } = objectAt(payload, 'meta');
    const isNew = action === 'create';
    const natures = { person: 'lead', lead: 'id_only' } as const;
    const known = entity === 'person' || entity === 'lead' ? natures[entity] : 'other';
    const type = [textOf(action), textOf(entity)].filter(Boolean).join('.');
    const changed = changedRecord(type, entity_id);
    const made = type === 'create.person' && change_source === 'api' ? personMade(payload) : undefined;
    return [{ nature: isNew ? known : 'other', id: textOf(id), type, data: payload, changed, made }];
  },
  lead: (event) => {
    const person = objectAt(event, 'data');
    return leadFromLabels([
      ['first name', person['first_name']],
      ['last name', person['last_name']],
      ['full name', person['name']],
      ['email', primaryOf(person['emails'])],
      ['phone', primaryOf(person['phones'])],
      ['title', person['job_title']],
    ]);
  },
  secretFault: (secret) => (/^[^:]+:./.test(secret) ? undefined : 'user:password'),
};

/** A lead that was changed, or a deal, of which only Pipedrive knows whether it was made of a lead. */
function changedRecord(type: string, entityId: unknown): string | undefined {
  const id = textOf(entityId);
  if (type === 'change.lead') return id !== undefined && /^[\da-f-]{36}$/i.test(id) ? id : undefined;
  const isDeal = type === 'create.deal' || type === 'change.deal';
  return isDeal && id !== undefined && /^\d{1,20}$/.test(id) ? nameOfDeal(id) : undefined;
}

/** As we make persons: with at most one address and one number. */
function personMade(payload: unknown): PersonMade | undefined {
  const { emails, phones } = objectAt(payload, 'data');
  const [mail, dial] = [emails, phones].map((values) =>
    objectsIn(values).flatMap(({ value }) => textOf(value) ?? []),
  );
  const [email, phone] = [mail?.[0], dial?.[0]];
  const isOne = mail?.length === 1 || (mail?.length === 0 && phone !== undefined);
  return isOne && (dial?.length ?? 0) <= 1 ? { email, phone } : undefined;
}

function primaryOf(values: unknown): unknown {
  const list = objectsIn(values);
  return (list.find((entry) => entry['primary'] === true) ?? list[0])?.['value'];
}
