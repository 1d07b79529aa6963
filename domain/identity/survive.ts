import type { LeadFields } from '../lead';
import { readMailbox } from './email';

/** What is known of a person by one account of him, and how much that account is worth. */
export interface Showing {
  readonly profile: LeadFields;
  /** When it was last seen, as an ISO instant; the later one wins where nothing else tells them apart. */
  readonly at: string;
  /** How far the source is to be believed, higher is more; absent where it is not known. */
  readonly authority?: number | undefined;
}

/** Fields of a profile: a lead's without the request itself. */
const profileFields = [
  'firstName',
  'lastName',
  'email',
  'phone',
  'company',
  'website',
  'title',
  'country',
  'city',
  'state',
  'postalCode',
  'street',
  'street2',
  'dateOfBirth',
] as const satisfies readonly (keyof LeadFields)[];
type ProfileField = (typeof profileFields)[number];

/** Fields that mean something only together: half of one address and half of another is nobody's. */
const together: readonly (readonly ProfileField[])[] = [['street', 'street2', 'postalCode', 'city', 'state']];

/**
 * The profile of a person by everything that was said of him. Per field: the source with the greater authority, where
 * that of both is known; else the more complete value; else the later one. An address is taken whole. The order in which
 * they are given does not matter.
 */
export function survive(showings: readonly Showing[]): LeadFields {
  const [latest, ...earlier] = [...showings].sort(laterFirst);
  if (latest === undefined) return {};
  const pick = (fields: readonly ProfileField[]): Showing =>
    earlier.reduce((later, one) => choose(fields, later, one), latest);
  const grouped = new Set(together.flat());
  const groups = [...together, ...profileFields.filter((field) => !grouped.has(field)).map((one) => [one])];
  const survived: Partial<Record<ProfileField, string>> = {};
  for (const fields of groups) {
    const { profile } = pick(fields);
    for (const field of fields) if (has(profile[field])) survived[field] = profile[field];
  }
  return survived;
}

/** What says who the person is; what he wanted this time stays with the lead. */
export function profileOf(fields: LeadFields): LeadFields {
  return Object.fromEntries(
    profileFields.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])),
  );
}

function choose(fields: readonly ProfileField[], later: Showing, earlier: Showing): Showing {
  const [mine, others] = [completeness(fields, later.profile), completeness(fields, earlier.profile)];
  if (mine === 0 || others === 0) return mine === 0 ? earlier : later;
  const { authority } = later;
  if (authority !== undefined && earlier.authority !== undefined && authority !== earlier.authority)
    return authority > earlier.authority ? later : earlier;
  return mine >= others ? later : earlier;
}

function completeness(fields: readonly ProfileField[], profile: LeadFields): number {
  return fields.reduce((sum, field) => {
    const value = profile[field];
    return sum + (has(value) ? gradeOf(field)(value.trim()) : 0);
  }, 0);
}

/** How complete a value is: 1 for a part of one, 2 for a whole one, more where there is more to have. */
function gradeOf(field: ProfileField): (value: string) => number {
  switch (field) {
    case 'firstName':
    case 'lastName':
      return (name) => (/^\p{L}[.\s]*$/u.test(name) ? 1 : 2);
    case 'email':
      return (email) => {
        const mailbox = readMailbox(email);
        return !mailbox || mailbox.placeholder ? 1 : mailbox.role ? 2 : 3;
      };
    case 'phone':
      return (phone) => {
        const digits = phone.replace(/\D/g, '').length;
        return digits < 7 ? 1 : /^\s*(?:\+|00)/.test(phone) ? 3 : 2;
      };
    case 'dateOfBirth':
      return (date) => (date.replace(/\D/g, '').length < 8 ? 1 : 2);
    default:
      return () => 2;
  }
}

const has = (value: string | undefined): value is string => value !== undefined && value.trim() !== '';

/** Those of one instant are told apart by what they say. */
function laterFirst(a: Showing, b: Showing): number {
  const [one, other] = a.at === b.at ? [textOf(a), textOf(b)] : [a.at, b.at];
  return one > other ? -1 : one < other ? 1 : 0;
}

const textOf = ({ profile }: Showing): string =>
  JSON.stringify(profileFields.map((field) => profile[field] ?? ''));
