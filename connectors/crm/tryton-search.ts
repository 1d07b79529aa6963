/**
 * Path of a search by Tryton's REST interface: the fields that are wanted, and which records.
 * @see https://docs.tryton.org/latest/server/topics/user_application.html
 */
export function trytonSearch(
  model: string,
  fields: readonly string[],
  domain: readonly unknown[],
  page?: { readonly order: readonly unknown[]; readonly size: number },
): string {
  const paging = page ? `&o=${encodeURIComponent(trytonEncoded(page.order))}&s=${String(page.size)}` : '';
  const wanted = fields.map((name) => `f=${name}&`).join('');
  return `${model}?${wanted}d=${encodeURIComponent(trytonEncoded(domain))}${paging}`;
}

/** JSON in the URL-safe alphabet, padded: Tryton refuses it without. */
export function trytonEncoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
