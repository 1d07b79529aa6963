/** What the bytes 0x80 to 0xff are in Windows-1252; bytes without a letter are control characters. */
export const windows1252: readonly string[] = [
  ...Array.from('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'),
  ...Array.from({ length: 96 }, (_, place) => String.fromCodePoint(0xa0 + place)),
];

/**
 * Text in which Windows-1252 was read as Latin-1, as `TextDecoder` of some Node versions does, with its quotation marks and
 * dashes. No text means the control characters that stand there instead.
 */
export const asWindows1252 = (text: string): string =>
  text.replace(/[\u0080-\u009f]/g, (letter) => windows1252[letter.charCodeAt(0) - 0x80] ?? letter);
