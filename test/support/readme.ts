import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command that a document shows, with what it says that is answered. */
export interface Shown {
  readonly command: string;
  readonly answer: string;
}

export interface CurlCall {
  readonly method: string;
  /** Without scheme, host and port. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the console blocks of the README show. A quote or a backslash at the end of a line carries a command on. */
export function shownInReadme(): readonly Shown[] {
  const text = readFileSync(join(__dirname, '../../README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, block]) => block ?? '');
  return blocks.flatMap((block) =>
    block.split(/^\$ /m).flatMap((shown) => {
      const command = /^(?:'[^']*'|"[^"]*"|\\\n|[^'"\n])+/.exec(shown)?.[0];
      return command === undefined ? [] : [{ command, answer: shown.slice(command.length).trim() }];
    }),
  );
}

/** What a `curl` would send. @throws Error for an option that it does not know */
export function curlCall(command: string): CurlCall {
  const words = [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
  const headers: Record<string, string> = {};
  let [method, path, body]: (string | undefined)[] = [];
  for (let n = 1; n < words.length; n++) {
    const word = words[n]!;
    if (word === '-s') continue;
    if (word === '-X') method = words[++n];
    else if (word === '-d' || word === '--data-binary') body = words[++n];
    else if (word === '-H') {
      const [name = '', value = ''] = words[++n]!.split(/: */, 2);
      headers[name.toLowerCase()] = value;
    } else if (word.startsWith('localhost:8080/')) path = word.slice('localhost:8080'.length);
    else throw new Error(`no option of curl that is known here: ${word}`);
  }
  if (path === undefined) throw new Error(`no address in: ${command}`);
  method ??= body === undefined ? 'GET' : 'POST';
  return { method, path, headers, ...(body === undefined ? {} : { body }) };
}
