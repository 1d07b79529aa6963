import type { z } from 'zod';
import { ConnectorError } from '../../activities/failures';

/** What an event names, by the shape its vendor documents. @throws ConnectorError when it has another one */
export function namedIn<T>(system: string, schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new ConnectorError('rejected', `${system}: the event does not name a lead`);
}
