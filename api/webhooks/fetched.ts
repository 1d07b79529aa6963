import type { EventReader } from '../../activities/ports-fetch';
import { mapEvent, reasonOf } from './receive';

/** An event whose lead was fetched, read as if it had come with it. */
export const readFetched: EventReader = ({ event, source }, data) => {
  const { fields, isSpam, issues } = mapEvent(source, { data });
  if (isSpam) return { isSpam: true };
  if (!fields) return { reason: reasonOf(issues) ?? 'is no lead' };
  const { type: _type, ...identity } = event;
  return { lead: { ...identity, rawBody: JSON.stringify(data), fields } };
};
