import { windows1252 } from '../windows-1252';

/**
 * Text whose bytes were read in the wrong encoding turned back: UTF-8 taken for Windows-1252, Windows-1251 or Mac Roman,
 * once or several times, also where only a part of it was; and HTML entities. Anything else stays as it is.
 */
export function repairMojibake(text: string): string {
  if (/^[\u0020-\u0025\u0027-\u007e]*$/.test(text)) return text;
  let repaired = text;
  for (let round = 0; round < 4; round++) {
    const before = repaired;
    repaired = pages.reduce((so, turnBack) => turnBack(so), decodeEntities(repaired));
    if (repaired === before) break;
  }
  return repaired;
}

/**
 * Turns back what UTF-8 looks like in an encoding of one byte a letter.
 * @param letters what the bytes 0x80 to 0xff are in it
 * @param sure beginnings that hardly stand for themselves: one such letter is enough, of others it takes two or more
 */
function codePage(letters: readonly string[], sure: RegExp): (text: string) => string {
  const byteOf = new Map(letters.map((letter, place) => [letter, 0x80 + place]));
  const among = (from: number, to: number): string =>
    `[${letters
      .slice(from - 0x80, to - 0x7f)
      .join('')
      .replace(/[\\\]^-]/g, '\\$&')}]`;
  const then = among(0x80, 0xbf);
  const two = `${among(0xc2, 0xdf)}${then}`;
  const runs = new RegExp(`(?:${two}|${among(0xe0, 0xef)}${then}{2}|${among(0xf0, 0xf4)}${then}{3})+`, 'gu');
  return (text) =>
    text.replace(runs, (run: string) => {
      const read = fromUtf8(Array.from(run, (letter) => byteOf.get(letter) ?? 0));
      return read !== undefined && (sure.test(run) || Array.from(read).length > 1) ? read : run;
    });
}

function fromUtf8(bytes: readonly number[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined; // Not UTF-8, so not mojibake of this kind: the letters stand for themselves.
  }
}

const decoded = (label: string): readonly string[] =>
  Array.from(new TextDecoder(label).decode(Uint8Array.from({ length: 128 }, (_, place) => 0x80 + place)));

const pages = [
  codePage(windows1252, /^(?:[ÂÃÄÅ]|â€|ðŸ)/),
  codePage(decoded('macintosh'), /^[√¬ƒ≈∆‚]/),
  codePage(decoded('windows-1251'), /^(?:Г[ј¤¶џ©Ёўґ±і]|вЂ)/),
];

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text
    .replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (typed, hex?: string, decimal?: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
        ? String.fromCodePoint(code)
        : typed;
    })
    .replace(
      /&([a-z])(uml|acute|grave|circ|tilde|ring|cedil|caron|ogon|breve|macr);/gi,
      (typed, letter, mark) => {
        const combining = marks.get(String(mark).toLowerCase());
        return combining === undefined ? typed : `${String(letter)}${combining}`.normalize('NFC');
      },
    )
    .replace(
      /&([a-z]{2,6});/gi,
      (typed, name: string) => named.get(name) ?? named.get(name.toLowerCase()) ?? typed,
    );
}

/** The part of an entity's name behind its letter → the combining mark. */
const marks: ReadonlyMap<string, string> = new Map([
  ['uml', '\u0308'],
  ['acute', '\u0301'],
  ['grave', '\u0300'],
  ['circ', '\u0302'],
  ['tilde', '\u0303'],
  ['ring', '\u030a'],
  ['cedil', '\u0327'],
  ['caron', '\u030c'],
  ['ogon', '\u0328'],
  ['breve', '\u0306'],
  ['macr', '\u0304'],
]);

const named: ReadonlyMap<string, string> = new Map(
  'amp=& lt=< gt=> quot=" apos=\' szlig=ß aelig=æ AElig=Æ oslash=ø Oslash=Ø oelig=œ OElig=Œ eth=ð ETH=Ð thorn=þ THORN=Þ lstrok=ł Lstrok=Ł dstrok=đ Dstrok=Đ ndash=– mdash=— lsquo=‘ rsquo=’ ldquo=“ rdquo=”'
    .split(' ')
    .map((pair) => pair.split('=') as [string, string])
    .concat([
      ['nbsp', ' '],
      ['shy', ''],
    ]),
);
