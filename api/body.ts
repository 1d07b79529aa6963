import type { IncomingMessage } from 'node:http';
import { ApiError } from './errors';
import { jsonErrorOffset } from './json-offset';

/** Leads are a few kB; what is larger is a mistake or an attack. */
export const bodyLimit = 256 * 1024;
/** JSON deeper than this is no lead. */
const depthMax = 32;
/** A sender who is already sending can only read the 413 when he is done, so a little more is read and dropped. */
const drainMax = 16 * 1024 * 1024;

/**
 * The bytes of a request, as sent: signatures are made over them. Compressed bodies are refused: at 256 KB there is
 * nothing to gain, and a few kB can unpack to gigabytes.
 */
export async function readBytes(req: IncomingMessage, limit: number = bodyLimit): Promise<Buffer> {
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new ApiError('unsupported_media_type', 'Send the body without compression.', {
      headers: { 'accept-encoding': 'identity' },
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Not destroyed when the loop ends early: the answer goes out over the same socket.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else if (size > drainMax) break;
    }
  } catch (cause) {
    throw new ApiError('bad_request', 'The body ended early.', { cause });
  }
  if (size > limit) {
    const headers = { connection: 'close' };
    throw new ApiError('payload_too_large', `The body is larger than ${String(limit / 1024)} KB.`, {
      headers,
    });
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, size);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text of a body; a byte order mark is dropped. */
export function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ApiError('malformed_body', 'The body is not valid UTF-8.', { cause });
  }
}

/** Refuses anything but JSON in UTF-8 by its content type. */
export function requireJson(contentType: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (!/^application\/([a-z0-9!#$&^_.-]+\+)?json$/.test(type.trim())) {
    throw new ApiError('unsupported_media_type', 'Send the body as application/json.', {
      headers: { accept: 'application/json' },
    });
  }
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  if (charset !== undefined && !/^charset="?(utf-?8|us-ascii)"?$/.test(charset)) {
    throw new ApiError('unsupported_media_type', 'Send the body in UTF-8.');
  }
}

/**
 * Parses JSON strictly. Integers beyond 2^53 become text of the same digits: rounded, two ids of an ad platform would
 * be the same lead.
 */
export function parseJson(text: string): unknown {
  if (nestsDeeper(text, depthMax)) {
    throw new ApiError('malformed_body', `The body nests deeper than ${String(depthMax)} levels.`);
  }
  try {
    const value = JSON.parse(text) as unknown;
    return /\d{16}/.test(text) ? (JSON.parse(quoteLongIntegers(text)) as unknown) : value;
  } catch (cause) {
    const offset = jsonErrorOffset(text);
    const before = text.slice(0, offset).split('\n');
    const at = `line ${String(before.length)}, column ${String((before.at(-1)?.length ?? 0) + 1)} (position ${String(offset)})`;
    // The engine's own message quotes the body, which may be a person's.
    throw new ApiError('malformed_body', `The body is not valid JSON at ${at}.`, {
      cause: cause instanceof SyntaxError ? undefined : cause,
    });
  }
}

/** Strings are passed over and numbers taken whole, which in valid JSON never looks at a character twice. */
function quoteLongIntegers(json: string): string {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}

/** Counts brackets outside strings; cheaper than walking the parsed value, and before anything recursive sees it. */
function nestsDeeper(text: string, max: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = endOfString(text, index);
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > max) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** Offset of the quote that closes the string opened at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
