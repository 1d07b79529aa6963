import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Exchange } from '../../connectors/crm/fake-vendor';

interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: object;
}
interface Operation {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object }>>;

const ours = join(__dirname, '../fixtures/vendor-specs');
/**
 * Vendors' documents that state no licence are not in this repository; the folder that VENDOR_SPECS names, or one beside the
 * checkout, may have them.
 */
const elsewhere = process.env['VENDOR_SPECS'] ?? join(__dirname, '../../../shared/vendors/specs');

/** Finds a vendor's OpenAPI document; undefined where it does not exist. */
export function findSpec(name: string): Spec | undefined {
  const file = [ours, elsewhere].map((folder) => join(folder, `${name}.openapi.json`)).find(existsSync);
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Spec);
}

/** Says how a request and its answer break the document; nothing when both keep it. */
export function breaches(spec: Spec, path: string, exchange: Exchange): readonly string[] {
  const method = exchange.method.toLowerCase();
  const named = Object.entries(spec.paths).find(
    ([template, operations]) => method in operations && patternOf(template).test(path.split('?')[0] ?? ''),
  );
  const operation = named?.[1][method];
  if (!operation) return [`${exchange.method} ${path} is not in the document`];
  const answer = operation.responses[exchange.status];
  if (!answer) return [`${exchange.method} ${path}: status ${exchange.status} is not in the document`];
  return [
    ...judge(spec, operation.requestBody?.content, exchange.sent, 'sent'),
    ...judge(spec, answer.content, exchange.answered, 'answered'),
  ];
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replace(/[.$]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

function judge(spec: Spec, content: Content | undefined, value: unknown, what: string): readonly string[] {
  const schema = content && Object.values(content)[0]?.schema;
  if (!schema) return [];
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(asJsonSchema({ ...schema, components: spec.components }) as object);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${what}${instancePath} ${String(message)}`);
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has a list of types. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Record<string, unknown>;
  const copy = Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, asJsonSchema(inner)]));
  return nullable === true && typeof copy['type'] === 'string'
    ? {
        ...copy,
        type: [copy['type'], 'null'],
        ...(Array.isArray(copy['enum']) ? { enum: [...(copy['enum'] as unknown[]), null] } : {}),
      }
    : copy;
}
