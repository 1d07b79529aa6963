import type { ImportFormat } from '../../../activities/ports-imports';
import { fileLines } from '../../../api/imports/file-lines';

/** Lines by number: the row they hold, or what is wrong with them. */
function read(file: string | Buffer, format: ImportFormat = 'csv'): Record<number, unknown> {
  const lines = [...fileLines(Buffer.from(file), format)];
  return Object.fromEntries(
    lines.map((one) => [one.line, 'body' in one ? JSON.parse(one.body) : one.faults[0]!.reason]),
  );
}

const ada = { email: 'ada@example.com', company: 'Müller & Söhne' };

test.each([
  ['commas', 'email,company\nada@example.com,Müller & Söhne\n'],
  ['semicolons', 'email;company\nada@example.com;Müller & Söhne\n'],
  ['semicolons beside a quoted comma', '"email";"company"\n"ada@example.com";"Müller & Söhne"\n'],
  ['tabs', 'email\tcompany\nada@example.com\tMüller & Söhne'],
  ['a line that states the separator', 'sep=|\nemail|company\nada@example.com|Müller & Söhne'],
  ['spaces around quotes', 'email, "company"\nada@example.com, "Müller & Söhne"\n'],
])('columns are told apart by %s', (_what, file) => {
  expect(Object.values(read(file))).toEqual([ada]);
});

test('a column may be called like something every object has', () => {
  const row = JSON.parse('{"email":"a@b.example","constructor":"one","__proto__":"two"}');
  expect(Object.values(read('email,constructor,__proto__\na@b.example,one,two'))).toEqual([row]);
});

test.each([
  ['UTF-8', Buffer.from('email,company\nada@example.com,Müller & Söhne')],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffemail,company\nada@example.com,Müller & Söhne')],
  ['Windows-1252', Buffer.from('email,company\nada@example.com,Müller & Söhne', 'latin1')],
  ['UTF-16', Buffer.from('\ufeffemail,company\nada@example.com,Müller & Söhne', 'utf16le')],
])('%s is recognised', (_what, file) => {
  expect(read(file)).toEqual({ 2: ada });
});

test('Windows-1252 has quotation marks, dashes and the euro where Latin-1 has nothing', () => {
  const file = Buffer.from(
    'email,company\na@b.example,O\x92Brien \x84Acme\x93 \x96 \x8akoda 5 \x80',
    'latin1',
  );
  expect(read(file)).toEqual({ 2: { email: 'a@b.example', company: 'O’Brien „Acme“ – Škoda 5 €' } });
});

test('empty lines are skipped, line ends of every kind count, a record keeps the number of its first line', () => {
  expect(read('\r\nemail,message\r\n\r\na@example.com,"two\r\nlines"\r\n,\r\nb@example.com,one\r')).toEqual({
    4: { email: 'a@example.com', message: 'two\nlines' },
    7: { email: 'b@example.com', message: 'one' },
  });
});

const badQuote = 'has a quote that is not closed, or one in the wrong place';

test('quotes: doubled, inside of a plain field, and around less than the whole field', () => {
  expect(read('a,b\n"he said ""yes""",1\n5" pipe,2\n"abc"d,3\n"x" ,4\n')).toEqual({
    2: { a: 'he said "yes"', b: '1' },
    3: { a: '5" pipe', b: '2' },
    4: badQuote,
    5: { a: 'x', b: '4' },
  });
});

test('a quote that nobody closed spoils its line alone, at the end of a long file too', () => {
  const rows = Array.from({ length: 900 }, (_, n) => `lead${n}@example.com,x`);
  rows[400] = '"open,x';
  rows[899] = '"open,x';
  const lines = read(['email,company', ...rows].join('\n'));
  expect(Object.keys(lines)).toHaveLength(900);
  expect([lines[401], lines[402], lines[403], lines[901]]).toEqual([
    { email: 'lead399@example.com', company: 'x' },
    badQuote,
    { email: 'lead401@example.com', company: 'x' },
    badQuote,
  ]);
});

test('a record over the edge of what is parsed at once stays whole', () => {
  const rows = Array.from({ length: 198 }, (_, n) => `lead${n}@example.com,x`);
  const lines = read(['email,message', ...rows, 'a@example.com,"1\n2\n3\n4"', 'b@example.com,x'].join('\n'));
  expect([lines[200], lines[204]]).toEqual([
    { email: 'a@example.com', message: '1\n2\n3\n4' },
    { email: 'b@example.com', message: 'x' },
  ]);
});

test('fewer cells than columns are empty ones, more are a fault, of two columns with one name the first counts', () => {
  expect(
    read(
      'email,company,email,\na@example.com\nb@example.com,B,c@example.com,note,more\nd@example.com,D,,,\n',
    ),
  ).toEqual({
    2: { email: 'a@example.com', company: '' },
    3: 'has 5 columns, the header has 4',
    4: { email: 'd@example.com', company: 'D' },
  });
});

test('what is too long or cannot be stored is a fault of its line', () => {
  expect(read(`email,message\na@example.com,${'x'.repeat(70_000)}\nb@example.com,ok\n`)).toEqual({
    2: 'is longer than 65536 characters',
    3: { email: 'b@example.com', message: 'ok' },
  });
  expect(read('{"email":"a\0b"}\n{"email":"ok"}', 'jsonl')).toEqual({
    1: 'has a NUL character',
    2: { email: 'ok' },
  });
});

test('lines of JSON are kept as they are, empty ones skipped', () => {
  const lines = [...fileLines(Buffer.from('\ufeff{"id": 12345678901234567890}\r\n\r\nnot json\n'), 'jsonl')];
  expect(lines).toEqual([
    { line: 1, body: '{"id": 12345678901234567890}' },
    { line: 3, body: 'not json' },
  ]);
});

test('a header alone, and nothing at all, have no lines', () => {
  expect([read('email,company\n'), read('\n\n'), read('', 'jsonl')]).toEqual([{}, {}, {}]);
});
