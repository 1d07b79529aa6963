/** Longer HTML has more layout, not more to say. */
const htmlMax = 500_000;
const labelsMax = 100;

/**
 * What a mail that is only HTML says, a line for each block; scripts and styles left out. Every character is looked at a
 * bounded number of times, whatever the mail holds.
 */
export function textOfHtml(html: string): string {
  let text = '';
  let hiddenBy: string | undefined;
  let from = 0;
  const source = html.slice(0, htmlMax);
  for (const tag of source.matchAll(/<[^<>]*>/g)) {
    const [, closing, name] = /^<(\/?)([a-z][a-z0-9]*)/i.exec(tag[0].slice(0, 20).toLowerCase()) ?? [];
    if (hiddenBy === undefined) text += source.slice(from, tag.index).replace(/\s+/g, ' ') + spaceOf(name);
    if (hiddenBy === undefined && closing === '' && /^(style|script|head)$/.test(name ?? '')) hiddenBy = name;
    else if (closing === '/' && name === hiddenBy) hiddenBy = undefined;
    from = tag.index + tag[0].length;
  }
  if (hiddenBy === undefined) text += source.slice(from).replace(/\s+/g, ' ');
  return decodeEntities(text)
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function spaceOf(tag: string | undefined): string {
  if (/^(br|p|div|tr|li|ul|ol|table|h[1-6])$/.test(tag ?? '')) return '\n';
  return tag === 'td' || tag === 'th' ? ' ' : '';
}

/** The names that mail programs write; other characters come as numbers or as they are. */
const entities: ReadonlyMap<string, string> = new Map(
  (
    'amp & lt < gt > quot " apos \' auml ä ouml ö uuml ü Auml Ä Ouml Ö Uuml Ü szlig ß agrave à aacute á acirc â aring å ' +
    'aelig æ ccedil ç egrave è eacute é ecirc ê iacute í ntilde ñ oacute ó ocirc ô oslash ø uacute ú Eacute É euro € ' +
    'ndash – mdash — hellip … lsquo ‘ rsquo ’ ldquo “ rdquo ”'
  )
    .split(' ')
    .flatMap((name, index, all) => (index % 2 === 0 ? [[name, all[index + 1] ?? ''] as const] : [])),
).set('nbsp', ' ');

function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,6}|#x[0-9a-f]{1,6}|[a-z]{2,6});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities.get(name) ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : '';
  });
}

/** `Company: Example GmbH` as a field, as form mailers write it; of several with one label the first counts. */
export function labelledLines(text: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const label = line
      .slice(0, Math.max(0, colon))
      .replace(/[*_>\s]+/g, ' ')
      .trim();
    const value = line
      .slice(colon + 1)
      .replace(/^[*_\s]+/, '')
      .replace(/\s+/g, ' ')
      .trim();
    const isField = label !== '' && label.length <= 60 && value !== '' && !value.startsWith('//');
    if (isField && !fields.has(label)) fields.set(label, value);
    if (fields.size === labelsMax) break;
  }
  return Object.fromEntries(fields);
}
