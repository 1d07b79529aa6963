import { compare } from '../../../domain/identity/compare';
import { readAddress } from '../../../domain/identity/address';
import { traitsOf } from '../../../domain/identity/traits';

test.each([
  ['146 rue des Écoles', '75019', 'Paris', 'ecoles|146|75019|paris'],
  ['Calle Real, 42', '46008', 'Valencia', 'real|42|46008|valencia'],
  ['Münchner Str. 36', 'D-81161', 'Munich', 'munchner|36|81161|munchen'],
  ['Gartenstraße 57', '12291', 'Berlin', 'garten|57|12291|berlin'],
  ['350 5th Ave', '10118-0110', 'New York', '5th|350|10118|newyork'],
  ['350 Fifth Avenue', '10118', 'NYC', '5th|350|10118|newyork'],
  ['Straße des 17. Juni 135', 'DE-10623', 'Berlin', '17 juni|135|10623|berlin'],
  ['12 rue du 8 mai 1945', '75010', 'Paris', '8 mai 1945|12|75010|paris'],
  ['Avenida 9 de Julio 1925', '', 'Buenos Aires', '9 julio|1925||bunosaires'],
  ['5 bis rue de la Paix', '75002', 'Paris Cedex 02', 'paix|5|75002|paris'],
  ['12 May Street', '', 'Leeds', 'may|12||leeds'],
  ['Flat 3, 10 High Street', 'EC1A 2LF', 'London', 'high|10|ec1a2lf|london'],
  ['10 High Street #3', '', 'London', 'high|10||london'],
  ['Hauptstr. 10 a', 'AT-1010', 'Wien', 'haupt|10a|1010|wien'],
  ['Damrak 1', 'NL-1012 LG', 'Amsterdam', 'damrak|1|1012lg|amsterdam'],
])('reads the address %p %p %p', (street, postalCode, city, expected) => {
  const address = readAddress({ street, postalCode, city });
  expect([address.street, address.number, address.postalCode, address.city].join('|')).toBe(expected);
});

test.each([
  ['München', 'Munich', true],
  ['Köln', 'Cologne', true],
  ['Praha 4', 'Prague', true],
  ['Munich, Bavaria', 'München', true],
  ['LA', 'Los Angeles', true],
  ['Frankfurt', 'Frankfurt/Main', true],
  ['Frankfurt (Oder)', 'Frankfurt an der Oder', true],
  ['Frankfurt (Oder)', 'Frankfurt am Main', false],
  ['La Rochelle', 'Los Angeles', false],
  ['La Paz', 'La Rochelle', false],
  ['Rome', 'Roma', true],
  ['New York', 'New York Mills', false],
])('the cities %p and %p are one: %p', (a, b, expected) => {
  expect(readAddress({ city: a }).city === readAddress({ city: b }).city).toBe(expected);
});

test.each([
  ['350 5th Ave', '350 7th Ave'],
  ['Flat 3, 10 High Street', 'Flat 3, 11 High Street'],
  ['Straße des 17. Juni 135', 'Straße des 17. Juni 100'],
])('%p and %p are two houses', (a, b) => {
  const at = (street: string) => traitsOf({ street, city: 'Leeds', postalCode: '10118' });
  expect(compare(at(a), [at(b)]).find(({ fact }) => fact === 'address')?.level).not.toBe('same');
});
