import type { LeadFields } from '../../domain/lead';
import { textOf } from './json';

type Field = keyof LeadFields | 'fullName';

/** What forms and ad platforms call the fields of a lead, without spaces, case and punctuation. */
const labels: Readonly<Partial<Record<Field, string>>> = {
  firstName: 'firstname givenname forename vorname prenom',
  lastName: 'lastname familyname surname nachname nom',
  fullName: 'fullname name yourname contactname',
  email: 'email emailaddress youremail mail workemail businessemail workemailaddress companyemail useremail',
  phone:
    'phone phonenumber telephone tel mobile mobilephone mobilenumber workphone workphonenumber userphone telefon',
  company: 'company companyname organization organisation employer business businessname firma unternehmen',
  website: 'website companywebsite homepage',
  title: 'title jobtitle position role jobrole',
  country: 'country land countrycode',
  city: 'city town ort stadt',
  postalCode: 'postalcode postcode zip zipcode plz',
  street: 'street streetaddress address address1 strasse',
  state: 'state province region stateprovince bundesland',
  message: 'message comment comments yourmessage question enquiry inquiry notes nachricht',
  externalId: 'externalid',
};

const fieldOf: ReadonlyMap<string, Field> = new Map(
  Object.entries(labels).flatMap(([field, words]) => words.split(' ').map((word) => [word, field as Field])),
);

/**
 * A lead from what a form calls its fields (`First Name`, `work_email`, `utm_source`). The first of several values for
 * one field wins; what no label explains is left to the raw event.
 */
export function leadFromLabels(
  entries: Iterable<readonly [label: string, value: unknown]>,
): Record<string, unknown> {
  const lead: Record<string, unknown> = {};
  const utm = new Map<string, string>();
  for (const [label, value] of entries) {
    const text = textOf(value);
    if (text === undefined) continue;
    const campaign = /^utm[_\s-]([\w-]{1,64})$/i.exec(label.trim())?.[1]?.toLowerCase();
    const field = fieldOf.get(plain(label));
    if (campaign !== undefined) utm.set(campaign, utm.get(campaign) ?? text);
    else if (field !== undefined) lead[field] ??= text;
  }
  const { fullName, ...fields } = lead;
  return {
    ...(typeof fullName === 'string' ? splitName(fullName) : {}),
    ...fields,
    ...(utm.size > 0 ? { utm: Object.fromEntries(utm) } : {}),
  };
}

function plain(label: string): string {
  return label
    .normalize('NFD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** The last word as family name, as far as one can tell without asking. */
function splitName(name: string): { readonly firstName?: string; readonly lastName: string } {
  const words = name.split(/\s+/);
  const lastName = words.pop() ?? '';
  return words.length === 0 ? { lastName } : { firstName: words.join(' '), lastName };
}
