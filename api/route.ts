import type { Express, Request, Response } from 'express';
import type { ApiScope } from './ports';
import type { Caller } from './auth';
import { bodyLimit, decodeText, parseJson, readBytes, requireJson } from './body';
import { ApiError, invalid, type ErrorCode } from './errors';
import type { Guard } from './guard';
import { toIssues } from './issues';
import type { z } from './schemas/zod';

/** Where routes are registered: they answer in `app` and are described in `operations`. */
export interface Api {
  readonly app: Express;
  readonly guard: Guard;
  readonly operations: RouteSpec[];
}

type Schema = z.ZodType;
type Out<S> = S extends Schema ? z.output<S> : undefined;

/** What a handler gets: checked input, never the request itself. */
export interface Call<P, Q, B> {
  readonly params: Out<P>;
  readonly query: Out<Q>;
  readonly body: Out<B>;
  /** The body as text, where `body` is a schema or `text` is wanted. */
  readonly text: string;
  /** Parsed JSON before the schema, unknown fields included. */
  readonly json: unknown;
  /** The body as sent, where `bytes` are wanted. */
  readonly bytes: Buffer;
  readonly caller: Caller;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** A header whatever its case; one that came several times is joined by commas. */
  readonly header: (name: string) => string | undefined;
  /** Of all headers, in lower case. */
  readonly headerNames: readonly string[];
  /** For calls without a key: counts the request against the named budget, or against its address. @throws ApiError 429 */
  readonly spend: (budget: string | undefined) => Promise<void>;
}

/** How a body arrives: `json` must be there, `optional-json` may be missing, `text` and `bytes` are taken as they are. */
export type BodyAs = 'json' | 'optional-json' | 'text' | 'bytes';

export interface RouteSpec {
  readonly method: 'get' | 'post' | 'put' | 'delete' | 'options';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Scope the key must have; absent for calls without a key. */
  readonly scope?: ApiScope;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: Schema;
  readonly bodyAs?: BodyAs;
  /** Content types of a `text` body. */
  readonly contentTypes?: readonly string[];
  /** Most bytes of a body, or of one of a content type. */
  readonly bodyLimit?: number | ((contentType: string) => number);
  /** Request headers that matter, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The one success: status and schema; `null` for an empty answer. */
  readonly replies: Readonly<Record<number, Schema | null>>;
  /** Refusals beside those that follow from scope, body and query. */
  readonly errors?: readonly ErrorCode[];
}

type ReplyOf<R> = R[keyof R] extends infer S ? (S extends Schema ? z.input<S> : null) : never;

/** A route whose handler's types follow from its schemas. */
export interface Route<P, Q, B, R> extends RouteSpec {
  readonly params?: P & z.ZodObject;
  readonly query?: Q & z.ZodObject;
  readonly body?: B & Schema;
  readonly replies: R & RouteSpec['replies'];
  readonly handle: (call: Call<P, Q, B>) => Promise<ReplyOf<R> | ForeignReply>;
}

/** An answer in the form that somebody else prescribes; sent as it is. */
export class ForeignReply {
  readonly answer: ForeignAnswer;

  constructor(answer: ForeignAnswer) {
    this.answer = answer;
  }
}

interface ForeignAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Registers an operation: parses what it is given, calls, serialises, and puts it into the OpenAPI document. */
export function route<R, P = undefined, Q = undefined, B = undefined>(
  api: Api,
  spec: Route<P, Q, B, R>,
): void {
  api.operations.push(spec);
  const status = Number(Object.keys(spec.replies)[0]);
  api.app[spec.method](spec.path, async (req: Request, res: Response) => {
    const caller = spec.scope === undefined ? anonymous : await api.guard.admit(req, res, spec.scope);
    const params = spec.params && parseParams(spec.params, req.params);
    const query = spec.query && checkQuery(spec.query, req.query);
    const sent = await bodyOf(spec, req);
    const header = (name: string): string | undefined => req.headersDistinct[name.toLowerCase()]?.join(', ');
    const spend = (budget: string | undefined): Promise<void> =>
      budget === undefined ? api.guard.spendAddress(req, res) : api.guard.spend(req, res, budget);
    const { method, originalUrl: path } = req;
    const headerNames = Object.keys(req.headersDistinct);
    const call = { params, query, ...sent, caller, method, path, header, headerNames, spend } as Call<
      P,
      Q,
      B
    >;
    const reply = await spec.handle(call);
    if (reply instanceof ForeignReply) sendForeign(res, reply);
    else send(res, status, reply);
  });
}

const anonymous: Caller = { id: '', name: 'anonymous', scopes: [] };

/** Writes JSON; `null` is an empty answer. */
export function send(res: Response, status: number, reply: unknown): void {
  res.status(status);
  if (reply === null) {
    res.end();
    return;
  }
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.end(JSON.stringify(reply));
}

function sendForeign(res: Response, { answer }: ForeignReply): void {
  res.status(answer.status);
  for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value);
  res.end(answer.body);
}

/** Input after the schema. @throws ApiError 422 naming every field */
export function check<S extends Schema>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw invalid(toIssues(parsed.error, input));
  return parsed.data;
}

/** A parameter that nobody reads would be a filter that does not filter. @throws ApiError 422 naming it */
function checkQuery(schema: z.ZodObject, sent: Readonly<Record<string, unknown>>): unknown {
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(sent).filter((name) => !known.includes(name));
  if (unknown.length === 0) return check(schema, sent);
  const expected = `one of ${known.join(', ')}`;
  throw invalid(
    unknown.slice(0, 5).map((name) => ({
      path: name.slice(0, 60),
      message: 'is no parameter of this call',
      expected,
    })),
  );
}

/** A path that cannot name anything is simply not there. */
function parseParams<S extends Schema>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new ApiError('not_found', 'The address names nothing that could exist.');
  return parsed.data;
}

const nothing = Buffer.alloc(0);

async function bodyOf(
  spec: RouteSpec,
  req: Request,
): Promise<{
  readonly bytes: Buffer;
  readonly text?: string;
  readonly json?: unknown;
  readonly body?: unknown;
}> {
  const bodyAs = spec.bodyAs ?? (spec.body ? 'json' : undefined);
  if (!bodyAs) return { bytes: nothing };
  const limit = spec.bodyLimit ?? bodyLimit;
  const bytes = await readBytes(
    req,
    typeof limit === 'number' ? limit : limit(req.headers['content-type'] ?? ''),
  );
  if (bodyAs === 'bytes') return { bytes };
  if (bodyAs === 'text') {
    requireType(req, spec.contentTypes ?? []);
    return { bytes, text: decodeText(bytes) };
  }
  const empty = bytes.length === 0 && bodyAs === 'optional-json';
  if (!empty) requireJson(req.headers['content-type']);
  const text = empty ? '{}' : decodeText(bytes);
  const json = parseJson(text);
  return { bytes, text, json, body: spec.body && check(spec.body, json) };
}

function requireType(req: Request, allowed: readonly string[]): void {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (allowed.includes(type)) return;
  throw new ApiError('unsupported_media_type', `Send the body as ${allowed.join(' or ')}.`);
}
