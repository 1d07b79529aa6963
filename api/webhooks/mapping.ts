import type { Issue } from '../errors';
import { leadFieldNames } from '../schemas/lead-body';
import { storable } from '../schemas/text';
import { isRecord, textOf } from './json';

/** Canonical field → path in an event: dotted (`contact.mails.0`) or a JSON Pointer (`/contact/mails/0`). */
export type Mapping = Readonly<Record<string, string>>;

const entriesMax = 64;

/**
 * The lead a mapping finds in a foreign body. Numbers and yes/no words are converted, because who writes a mapping
 * cannot change what the sender sends. Two names are no lead fields: `eventId` names the event, `honeypot` is a form
 * field that people cannot see, so whoever fills it in is none.
 */
export function applyMapping(
  mapping: Mapping,
  body: unknown,
): {
  readonly lead: Record<string, unknown>;
  readonly eventId: string | undefined;
  readonly isSpam: boolean;
} {
  const lead: Record<string, unknown> = {};
  const utm = new Map<string, unknown>();
  let eventId: string | undefined;
  let isSpam = false;
  for (const [field, path] of Object.entries(mapping)) {
    const value = valueAt(body, path);
    if (value === undefined || value === null) continue;
    if (field === 'eventId') eventId = textOf(value);
    else if (field === 'honeypot') isSpam = isFilled(value);
    else if (field.startsWith('utm.')) utm.set(field.slice('utm.'.length), asText(value));
    else lead[field] = field === 'consent' ? asConsent(value) : asText(value);
  }
  if (utm.size > 0) lead['utm'] = Object.fromEntries(utm);
  return { lead, eventId, isSpam };
}

/** A field that a form has more than once comes as a list. */
function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => Array.isArray(one) || isFilled(one));
  return isRecord(value) ? Object.keys(value).length > 0 : textOf(value) !== undefined || value === true;
}

/** What a mapping names and the event does not have. */
export function unfound(mapping: Mapping, body: unknown): readonly Issue[] {
  return Object.entries(mapping).flatMap(([field, path]) =>
    field !== 'honeypot' && (valueAt(body, path) ?? null) === null
      ? [{ path: `mapping.${field}`, message: `finds nothing at ${path}`, expected: 'a path to a value' }]
      : [],
  );
}

/** What a path, dotted or a JSON Pointer, finds in an event; undefined when it finds nothing. */
export function valueAt(root: unknown, path: string): unknown {
  return path.startsWith('/') ? valueAtPointer(root, path) : valueAtDots(root, path);
}

/** RFC 6901. */
function valueAtPointer(root: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, step) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? (value as Record<string, unknown>)[step]
          : undefined,
      root,
    );
}

/** Follows own properties only; a key that contains the dots of the rest of the path wins over a deeper one. */
function valueAtDots(root: unknown, path: string): unknown {
  let value = root;
  let rest = path;
  while (rest !== '') {
    if (typeof value !== 'object' || value === null) return undefined;
    const dot = rest.indexOf('.');
    const step = Object.hasOwn(value, rest) || dot < 0 ? rest : rest.slice(0, dot);
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
    rest = step === rest ? '' : rest.slice(step.length + 1);
  }
  return value;
}

function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function asConsent(value: unknown): unknown {
  if (typeof value === 'boolean') return value;
  const word = String(asText(value)).trim().toLowerCase();
  if (/^(true|yes|on|1|ja|oui|si|sí)$/.test(word)) return true;
  return /^(false|no|off|0|nein|non)$/.test(word) || word === '' ? false : value;
}

/** What is wrong with a mapping. */
export function mappingIssues(mapping: Mapping): readonly Issue[] {
  const fields = [...leadFieldNames.filter((name) => name !== 'utm'), 'eventId', 'honeypot'];
  const entries = Object.entries(mapping);
  if (entries.length > entriesMax)
    return [{ path: 'mapping', message: 'has too many entries', expected: `at most ${String(entriesMax)}` }];
  return entries.flatMap(([field, path]): Issue[] => {
    if (!fields.includes(field) && !/^utm\.[\w-]{1,64}$/.test(field)) {
      return [
        {
          path: `mapping.${field}`,
          message: 'is no field of a lead',
          expected: `one of ${fields.join(', ')}, utm.<name>`,
        },
      ];
    }
    if (path.trim() === '' || path.length > 300 || path !== storable(path)) {
      return [
        {
          path: `mapping.${field}`,
          message: 'is no path',
          expected: 'a path such as contact.email, answers.0.text or /answers/0/text',
        },
      ];
    }
    return [];
  });
}
