/** ISO 3166-1 alpha-2 of a country as people write it (`DE`, `germany`, `Deutschland`); empty when not understood. */
export function countryCode(text: string | undefined): string {
  if (text === undefined) return '';
  return byName.get(text.trim().toLowerCase()) ?? '';
}

function countryNames(): Map<string, string> {
  const letters = Array.from({ length: 26 }, (_, place) => String.fromCharCode(65 + place));
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const names = new Map<string, string>([
    ['usa', 'US'],
    ['u.s.a.', 'US'],
    ['uk', 'GB'],
    ['england', 'GB'],
    ['great britain', 'GB'],
    ['holland', 'NL'],
    ['brd', 'DE'],
    ['ger', 'DE'],
    ['united states of america', 'US'],
    ['u.s.', 'US'],
    ['america', 'US'],
    ['scotland', 'GB'],
    ['wales', 'GB'],
    ['northern ireland', 'GB'],
    ['prc', 'CN'],
    ['korea', 'KR'],
    ['uae', 'AE'],
    ['polska', 'PL'],
    ['türkiye', 'TR'],
    ['turkiye', 'TR'],
    ['espana', 'ES'],
    ['中国', 'CN'],
    ['日本', 'JP'],
    ['россия', 'RU'],
  ]);
  for (const language of ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl']) {
    const display = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
    for (const code of codes) {
      if (notCountries.has(code)) continue;
      const name = display.of(code);
      if (name === undefined) continue;
      if (!names.has(code.toLowerCase())) names.set(code.toLowerCase(), code);
      if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), code);
    }
  }
  return names;
}

/** Codes that CLDR names but that are no countries, or were replaced. */
const notCountries: ReadonlySet<string> = new Set([
  'EU',
  'EZ',
  'UN',
  'ZZ',
  'XA',
  'XB',
  'QO',
  'UK',
  'DD',
  'FX',
  'SU',
  'YU',
  'AN',
  'CS',
  'NT',
  'TP',
  'ZR',
  'BU',
  'DY',
  'HV',
  'NH',
  'RH',
  'VD',
  'YD',
]);

/** English, German, French, Spanish, Italian, Portuguese and Dutch names of countries → ISO 3166-1 alpha-2. */
const byName: ReadonlyMap<string, string> = countryNames();
