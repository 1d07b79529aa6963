/** Part of a list; ask on with `startingAfter`, the last one's id, while there is more. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

/** `startingAfter` names nothing that is there. */
export class UnknownStartError extends Error {
  override readonly name = 'UnknownStartError';
}
