import { cleanText, fold } from '../../../domain/identity/text';

test.each([
  ['Müller', 'muller'],
  ['Mueller', 'muller'],
  ['MULLER', 'muller'],
  ['Goethe', 'gothe'],
  ['Łódź', 'lodz'],
  ['Bauer', 'bauer'],
  ['Joe', 'joe'],
  ['Doe', 'doe'],
  ['Sue', 'sue'],
  ['Mae', 'mae'],
  ['Zoë', 'zoe'],
  ['Иванов', 'ivanov'],
  ['Ельцин', 'eltsin'],
  ['Михаил', 'mikhail'],
  ['  a\u200b\u00adb  ', 'ab'],
])('folds %p to %p', (typed, folded) => {
  expect(fold(typed)).toBe(folded);
});

const misread = (text: string, label: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => new TextDecoder(label).decode(Uint8Array.of(byte)))
    .join('');

test.each([
  ['MÃ¼ller', 'Müller'],
  ['MÃƒÂ¼ller', 'Müller'],
  ['ZajÄ…c', 'Zając'],
  ['FranÃ§ois Łódź', 'François Łódź'],
  ['Øystein MÃ¼ller', 'Øystein Müller'],
  ['Oâ€™Brien', 'O’Brien'],
  ['M√ºller', 'Müller'],
  ['Zo√´', 'Zoë'],
  ['MГјller', 'Müller'],
  [misread('Иванов', 'windows-1251'), 'Иванов'],
  [misread('Иванов', 'macintosh'), 'Иванов'],
  ['M&uuml;ller', 'Müller'],
  ['M&#252;ller &amp; S&#xF6;hne', 'Müller & Söhne'],
  ['M&amp;uuml;ller', 'Müller'],
])('repairs %p to %p', (typed, repaired) => {
  expect(cleanText(typed)).toBe(repaired);
});

test.each([
  'João',
  'São',
  'Ångström',
  'Český',
  'Рівне',
  'Сєрова',
  'Šťastný',
  '„MENÜ“',
  'CAFÉ’S',
  'KÖLN–ÜBACH',
  'AT&T',
  'Ñandú',
])('%p stays as it is', (typed) => {
  expect(cleanText(typed)).toBe(typed);
});
