const prefix = 'deal ';

/**
 * How a deal of Pipedrive is named among the ids of leads, which are UUIDs: only Pipedrive knows of which lead people made
 * it. @param id digits
 */
export const nameOfDeal = (id: string): string => `${prefix}${id}`;

/** The id of the deal that is named; undefined for a lead. */
export const dealNamed = (name: string): string | undefined =>
  name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
