import { countryCode } from '../../../domain/identity/country';

test.each([
  [
    'DE',
    'Germany germany Deutschland DEU Allemagne Alemania Duitsland Tyskland Niemcy Германия ドイツ 德国 ألمانيا',
  ],
  [
    'US',
    'us U.S. U.S.A. USA|United States|The United States of America|EE.UU.|Vereinigte Staaten|Estados Unidos',
  ],
  ['GB', 'UK U.K. GBR England|Great Britain|United Kingdom|Vereinigtes Königreich|Royaume-Uni'],
  ['TR', 'Turkey Türkiye turkiye TÜRKİYE Türkei TUR'],
  ['CZ', 'Česko Cesko Czechia|Czech Republic|Česká republika|Tschechien'],
  ['SE', 'Sverige Sweden Schweden SWE'],
  ['RU', 'Russia Россия|Russian Federation|Российская Федерация'],
  ['HK', 'Hongkong HKG|Hong Kong|香港'],
  ['NL', 'Netherlands Holland Nederland|The Netherlands|Niederlande'],
  ['PL', 'Polska Poland Polen'],
  ['AT', 'Österreich Oesterreich Austria'],
  ['ES', 'España Espana Spain'],
  ['FI', 'Suomi Finland'],
  ['HU', 'Magyarország Hungary'],
  ['GR', 'Ελλάδα Greece Hellas'],
  ['UA', 'Україна Украина Ukraine'],
  ['CN', '中国 中國 China PRC'],
  ['KR', '대한민국 한국|South Korea|Republic of Korea'],
  ['VN', 'Vietnam|Viet Nam|Việt Nam'],
  ['IL', 'ישראל Israel'],
  ['IN', 'भारत India'],
  ['AE', 'UAE U.A.E.|United Arab Emirates'],
  ['CI', 'CIV|Côte d’Ivoire|Ivory Coast'],
  ['GE', 'Georgia'],
])('%s is read from names in many languages', (code, names) => {
  const all = names.split('|').flatMap((part, place) => (place === 0 ? part.split(' ') : [part]));
  expect(all.map((name) => [name, countryCode(name)])).toEqual(all.map((name) => [name, code]));
});

test.each(['', ' ', 'constructor', 'Europe', 'EU', 'ZZ', 'Atlantis', undefined])(
  '%p is no country',
  (text) => {
    expect(countryCode(text)).toBe('');
  },
);

test('every code of two letters is its own', () => {
  for (const code of ['DE', 'UA', 'XK', 'ZW']) expect(countryCode(code)).toBe(code);
});
