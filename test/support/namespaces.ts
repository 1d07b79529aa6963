/** One Temporal namespace for each test file that runs leads, so that their runs cannot meet. */
export const namespaces = [
  'routing',
  'intake',
  'sla',
  'chaos',
  'actions',
  'attention',
  'enrichment',
  'readme',
  'replay',
  'http',
  'merge',
  'channels',
  'crm',
  'clocks',
  'score',
  'offers',
  'pairs',
] as const;
export type TestNamespace = (typeof namespaces)[number];
