import { compare } from '../../../domain/identity/compare';
import { stateCode } from '../../../domain/identity/state';
import { traitsOf } from '../../../domain/identity/traits';

test.each([
  ['CA', 'US', 'US-CA'],
  ['california', 'US', 'US-CA'],
  ['State of California', 'US', 'US-CA'],
  ['US-CA', 'US', 'US-CA'],
  ['N.Y.', 'US', 'US-NY'],
  ['DE', 'US', 'US-DE'],
  ['Washington, D.C.', 'US', 'US-DC'],
  ['NRW', 'DE', 'DE-NW'],
  ['Nordrhein Westfalen', 'DE', 'DE-NW'],
  ['North Rhine-Westphalia', 'DE', 'DE-NW'],
  ['Freistaat Bayern', 'DE', 'DE-BY'],
  ['Baden-Wuerttemberg', 'DE', 'DE-BW'],
  ['Freie und Hansestadt Hamburg', 'DE', 'DE-HH'],
  ['NÖ', 'AT', 'AT-3'],
  ['AT-9', 'AT', 'AT-9'],
  ['Kanton Zürich', 'CH', 'CH-ZH'],
  ['Canton de Genève', 'CH', 'CH-GE'],
  ['Basel-Stadt', 'CH', 'CH-BS'],
  ['Basel-Landschaft', 'CH', 'CH-BL'],
  ['Quebec', 'CA', 'CA-QC'],
  ['Newfoundland & Labrador', 'CA', 'CA-NL'],
  ['Vic', 'AU', 'AU-VIC'],
  ['sao paulo', 'BR', 'BR-SP'],
  ['Estado de México', 'MX', 'MX-MEX'],
  ['Ciudad de México', 'MX', 'MX-CMX'],
  ['Orissa', 'IN', 'IN-OD'],
  ['Jammu and Kashmir', 'IN', 'IN-JK'],
  ['BE', 'DE', 'DE-BE'],
  ['BE', 'CH', 'CH-BE'],
  ['BE', '', ''],
  ['California', '', 'US-CA'],
  ['CH-BE', '', 'CH-BE'],
  ['Distrito Federal', '', ''],
  ['California', 'DE', ''],
  ['CH-BE', 'DE', ''],
  ['Île-de-France', 'FR', ''],
  ['constructor', 'US', ''],
  ['', 'US', ''],
  [undefined, '', ''],
])('the state %p of %p is %p', (text, country, code) => {
  expect(stateCode(text, country)).toBe(code);
});

test('no country of the table lost its last line', () => {
  const codes = ['US-WY', 'CA-YT', 'AU-WA', 'DE-TH', 'AT-1', 'CH-ZH', 'BR-TO', 'MX-ZAC', 'IN-WB'];
  expect(codes.map((code) => stateCode(code, code.slice(0, 2)))).toEqual(codes);
});

const level = (a: object, b: object): string | undefined =>
  compare(traitsOf({ ...a, city: 'Springfield' }), [traitsOf({ ...b, city: 'Riverside' })]).find(
    ({ fact }) => fact === 'address',
  )?.level;

test.each([
  [{ state: 'CA', country: 'US' }, { state: 'California', country: 'USA' }, 'state'],
  [{ state: 'NRW', country: 'DE' }, { state: 'Nordrhein-Westfalen', country: 'Germany' }, 'state'],
  [{ state: 'CA' }, { state: 'California', country: 'US' }, 'state'],
  [{ state: 'CA' }, { state: 'CA', country: 'US' }, 'state'],
  [{ state: 'BE', country: 'DE' }, { state: 'BE', country: 'CH' }, 'other'],
  [{ state: 'Bretagne', country: 'FR' }, { state: 'BRETAGNE', country: 'FR' }, 'state'],
  [{}, {}, 'other'],
])('addresses in %j and %j are compared as %p', (a, b, expected) => {
  expect(level(a, b)).toBe(expected);
});
