import { readDialled, readPhone } from '../../../domain/identity/phone';

test.each<[string, string[], string, string | undefined]>([
  ['0157-2388-1927', ['DE'], '4915723881927', undefined],
  ['+49 (0)711 2912027', [], '497112912027', undefined],
  ['0170561185 x67', ['FR'], '33170561185', '67'],
  ['0048 424 015940 DW 10', [], '48424015940', '10'],
  ['Tel: +49 711 2912027', [], '497112912027', undefined],
  ['Tél. : 01 70 56 11 85', ['FR'], '33170561185', undefined],
  ['Mobil 0170 5561185', ['DE'], '491705561185', undefined],
  ['tel:+49-711-2912027', [], '497112912027', undefined],
  ['tel:+1-650-253-0000;ext=12', [], '16502530000', '12'],
  ['＋４９ ７１１ ２９１２０２７', [], '497112912027', undefined],
  ['٠٢٢٧٣٥٤٩٦٠', ['EG'], '20227354960', undefined],
  ['03-1234-5679 内線 12', ['JP'], '81312345679', '12'],
  ['8 (495) 123-45-67 доб. 5', ['RU'], '74951234567', '5'],
  ['49 711 2912027', ['DE'], '497112912027', undefined],
  ['44 20 7946 0018', ['GB'], '442079460018', undefined],
  ['392 1234567', ['IT'], '393921234567', undefined],
  ['++49 711 2912027', [], '497112912027', undefined],
  ['+0711 2912027', ['DE'], '497112912027', undefined],
  ['0711/2912027', ['DE'], '497112912027', undefined],
  ['+49/711/2912027', [], '497112912027', undefined],
  ['+49 711 2912027 / +49 170 5561185', [], '497112912027', undefined],
  ['+49 711 2912027 +49 170 5561185', [], '497112912027', undefined],
  ['0711 2912027, 0170 5561185', ['DE'], '497112912027', undefined],
  ['0711 2912027 oder 0170 5561185', ['DE'], '497112912027', undefined],
  ['0711 2912027 0170 5561185', ['DE'], '497112912027', undefined],
  ['030 0711 291', ['DE'], '49300711291', undefined],
  ['5550123 Büro', [], '5550123', undefined],
])('reads the number %p with %p', (typed, hints, digits, extension) => {
  const number = readDialled(typed, hints);
  expect([number?.digits, number?.extension]).toEqual([digits, extension]);
});

test.each(['', '12345', '000001', 'none', '+', '内線'])('%p is no number', (typed) => {
  expect(readDialled(typed, ['DE'])).toBeUndefined();
});

test.each(['1234567890', '111111111', '555-555-5555'])('%p is typed to fill the form', (typed) => {
  expect(readDialled(typed, ['US'])?.placeholder).toBe(true);
});

test('the facts of a lead read the same number', () => {
  expect(readPhone('Mobil 0170 5561185', 'DE')).toEqual({ e164: '+491705561185', country: 'DE' });
  expect(readPhone('＋49 711 2912027 / 0170 5561185', '')).toEqual({ e164: '+497112912027', country: 'DE' });
  expect(readPhone('call me', 'DE')).toBeUndefined();
});
