/** Looking into foreign JSON without trusting its shape. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a path of own properties; an empty one when there is none. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  let at: unknown = value;
  for (const step of path) at = isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  return isRecord(at) ? at : {};
}

/** The object with one field less. */
export function without(field: string, { [field]: _left, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** The objects of a list; none when it is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** An id or word as text; numbers that lost digits never get here, as long integers are parsed as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The parts joined, when all of them are there. */
export function idFrom(separator: string, ...parts: readonly unknown[]): string | undefined {
  const texts = parts.map(textOf);
  return texts.includes(undefined) ? undefined : texts.join(separator);
}
