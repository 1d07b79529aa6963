import { Script } from 'node:vm';
import type { Collection, CollectionItem } from './collection';

export interface Ran {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  /** 0 when there was no answer. */
  readonly status: number;
  /** The tests of the request that failed, in words. */
  readonly failed: readonly string[];
}

/** Sends every request of a collection in order over HTTP and runs its tests, as the programs do that import it. */
export async function runCollection(
  collection: Collection,
  given: Readonly<Record<string, string>>,
  each: (ran: Ran) => void = () => undefined,
): Promise<readonly Ran[]> {
  const values = new Map(collection.variable.map(({ key, value }) => [key, value]));
  for (const [key, value] of Object.entries(given)) values.set(key, value);
  const all: Ran[] = [];
  for (const item of collection.item.flatMap((folder) => folder.item)) {
    const ran = await send(item, values);
    each(ran);
    all.push(ran);
  }
  return all;
}

async function send(item: CollectionItem, values: Map<string, string>): Promise<Ran> {
  const filled = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values.get(name) ?? whole);
  const { method, auth, header, url, body } = item.request;
  const query = new URLSearchParams();
  for (const { key, value, disabled } of url.query) if (!disabled) query.set(key, filled(value));
  const address = `${filled(url.raw)}${query.size > 0 ? `?${query.toString()}` : ''}`;
  const headers = new Headers(header.map(({ key, value }) => [key, filled(value)]));
  if (!auth) headers.set('authorization', `Bearer ${values.get('apiKey') ?? ''}`);
  const ran = { name: item.name, method, url: address };
  try {
    const response = await fetch(address, {
      method,
      headers,
      redirect: 'manual',
      ...(body ? { body: filled(body.raw) } : {}),
    });
    const failed = judge(item, { status: response.status, text: await response.text() }, values);
    return { ...ran, status: response.status, failed };
  } catch (error) {
    return { ...ran, status: 0, failed: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Runs the scripts of a request with the part of Postman's `pm` that our collection uses. */
function judge(
  { event }: CollectionItem,
  answer: { readonly status: number; readonly text: string },
  values: Map<string, string>,
): readonly string[] {
  const failed: string[] = [];
  const pm = {
    response: { code: answer.status, json: () => JSON.parse(answer.text) as unknown },
    collectionVariables: { set: (name: string, value: unknown) => void values.set(name, String(value)) },
    expect: (list: readonly unknown[]) => ({
      to: {
        include: (value: unknown) => {
          if (!list.includes(value)) throw new Error(`${String(value)} is none of ${list.join(', ')}`);
        },
      },
    }),
    test: (name: string, check: () => void) => {
      try {
        check();
      } catch (error) {
        failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
  for (const { script } of event) new Script(script.exec.join('\n')).runInNewContext({ pm });
  return failed;
}
