import type { Connection } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { searchAttributes as declared } from '../workflows/contract';

const types = temporal.api.enums.v1.IndexedValueType;

/** How the two types we use are spelled by the CLI and by the API. */
const spellings = {
  [SearchAttributeType.KEYWORD]: { cli: 'Keyword', api: types.INDEXED_VALUE_TYPE_KEYWORD },
  [SearchAttributeType.DATETIME]: { cli: 'Datetime', api: types.INDEXED_VALUE_TYPE_DATETIME },
} as const;

/** Search attributes our workflows set, as `name` and the spellings of its type. */
export const searchAttributes = Object.values(declared).map(({ name, type }) => ({
  name,
  ...spellings[type],
}));

/** Names a namespace knows, system ones excluded. */
export async function searchAttributeNames(
  connection: Connection,
  namespace: string,
): Promise<ReadonlySet<string>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return new Set(Object.keys(customAttributes));
}

/** Registers the ones a server of the user's own does not know yet. */
export async function addMissingSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const known = await searchAttributeNames(connection, namespace);
  const missing = searchAttributes.filter(({ name }) => !known.has(name));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, api }) => [name, api])),
  });
}
