import { idVariables, examples, variables, type Example } from './examples';
import { sampleOf, type OpenApi, type Operation } from './openapi';

/** A request in Postman's format 2.1, which Insomnia and Bruno import too. */
export interface CollectionItem {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly auth?: { readonly type: 'noauth' };
    readonly header: readonly { readonly key: string; readonly value: string }[];
    readonly url: {
      readonly raw: string;
      readonly host: readonly string[];
      readonly path: readonly string[];
      readonly query: readonly {
        readonly key: string;
        readonly value: string;
        readonly description: string;
        readonly disabled: boolean;
      }[];
    };
    readonly body?: { readonly mode: 'raw'; readonly raw: string };
    readonly description: string;
  };
  /** The documented answers. */
  readonly response: readonly { readonly name: string; readonly code: number }[];
  readonly event: readonly {
    readonly listen: 'test';
    readonly script: { readonly type: 'text/javascript'; readonly exec: readonly string[] };
  }[];
}

export interface Collection {
  readonly info: { readonly name: string; readonly description: string; readonly schema: string };
  readonly auth: object;
  readonly variable: readonly { readonly key: string; readonly value: string }[];
  readonly item: readonly { readonly name: string; readonly item: readonly CollectionItem[] }[];
}

/** The API as a collection: a folder for each tag, a request for each operation, each with its own test. */
export function toCollection(document: OpenApi): Collection {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return { method: method.toUpperCase(), path, operation, example: examples[name] ?? {} };
    }),
  );
  return {
    info: {
      name: document.info.title,
      description: `${document.info.description}\n\nSet \`baseUrl\` and \`apiKey\` (scope admin). Meant for a test instance: running all of it makes a lead, a source, a policy draft and a key.`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{apiKey}}', type: 'string' }] },
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
    item: document.tags
      .map(({ name }) => ({
        name,
        item: operations
          .filter(({ operation }) => operation.tags.includes(name))
          .sort((a, b) => (a.example.order ?? 0) - (b.example.order ?? 0))
          .map((one) => itemOf(document, one)),
      }))
      .filter(({ item }) => item.length > 0),
  };
}

interface Described {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly example: Example;
}

function itemOf(document: OpenApi, described: Described): CollectionItem {
  const { method, path, operation, example } = described;
  const steps = path
    .slice(1)
    .split('/')
    .map((step, at, all) => variableIn(step, all[at - 1] ?? ''));
  const body = bodyOf(document, described);
  const headers = { ...(body ? { 'content-type': body.type } : {}), ...example.headers };
  const query = (operation.parameters ?? []).filter(({ in: place }) => place === 'query');
  return {
    name: operation.summary,
    request: {
      method,
      ...(operation.security.length === 0 ? { auth: { type: 'noauth' } } : {}),
      header: Object.entries(headers).map(([key, value]) => ({ key, value })),
      url: {
        raw: `{{baseUrl}}/${steps.join('/')}`,
        host: ['{{baseUrl}}'],
        path: steps,
        query: query.map(({ name, required = false, description = '' }) => ({
          key: name,
          value: required ? '{{version}}' : '',
          description,
          disabled: !required,
        })),
      },
      ...(body ? { body: { mode: 'raw', raw: body.text } } : {}),
      description: operation.description ?? '',
    },
    response: Object.entries(operation.responses).map(([code, { description }]) => ({
      name: description,
      code: Number(code),
    })),
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: testOf(operation, example) } }],
  };
}

/** `{leadId}` → `{{leadId}}`; `{id}` and `{version}` are named for what stands before them. */
function variableIn(step: string, before: string): string {
  const name = /^\{(.+)\}$/.exec(step)?.[1];
  if (name === undefined) return step;
  return `{{${idVariables[before] ?? name}}}`;
}

function bodyOf(
  document: OpenApi,
  { operation, example }: Described,
): { readonly type: string; readonly text: string } | undefined {
  const [content] = Object.entries(operation.requestBody?.content ?? {});
  if (!content) return undefined;
  const [type, { schema }] = content;
  const body = example.body ?? sampleOf(schema, document);
  if (typeof body === 'string') return { type: example.headers?.['content-type'] ?? type, text: body };
  // A variable that stands for a number is not quoted.
  return { type, text: JSON.stringify(body, undefined, 2).replaceAll('"{{version}}"', '{{version}}') };
}

/** What Postman runs after the answer; the runner of `npm run collection` runs the very same. */
function testOf({ responses }: Operation, { keep = {} }: Example): readonly string[] {
  const codes = Object.keys(responses).map(Number);
  return [
    `pm.test('the status is documented', () => pm.expect([${codes.join(', ')}]).to.include(pm.response.code));`,
    ...Object.entries(keep).map(
      ([variable, field]) =>
        `if (pm.response.code < 300 && pm.response.json().${field}) pm.collectionVariables.set('${variable}', pm.response.json().${field});`,
    ),
  ];
}
