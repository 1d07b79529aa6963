/** An event as the server tells it, decoded or as JSON: the attributes that are there say what it is. */
export type HistoryEvent = Readonly<Record<string, unknown>>;

/**
 * What counts as one Temporal action, by the attributes of its event. A local activity is its marker, and each is
 * counted although hosted Temporal bills the markers of one workflow task together: the figure errs against us.
 */
const counted = {
  start: 'workflowExecutionStartedEventAttributes',
  activity: 'activityTaskScheduledEventAttributes',
  timer: 'timerStartedEventAttributes',
  signal: 'workflowExecutionSignaledEventAttributes',
  update: 'workflowExecutionUpdateAcceptedEventAttributes',
  searchAttributes: 'upsertWorkflowSearchAttributesEventAttributes',
  childWorkflow: 'startChildWorkflowExecutionInitiatedEventAttributes',
  signalSent: 'signalExternalWorkflowExecutionInitiatedEventAttributes',
} as const;

const retried = 'activityTaskStartedEventAttributes';
const marker = 'markerRecordedEventAttributes';

/** Actions of one run by kind. */
export interface ActionCount {
  readonly total: number;
  readonly workflowTasks: number;
  readonly by: Readonly<Record<keyof typeof counted | 'localActivity' | 'activityRetry', number>>;
}

/** Counts the actions of one run from its history; retries of an activity count once each. */
export function countActions(events: readonly HistoryEvent[]): ActionCount {
  const having = (attributes: string): readonly HistoryEvent[] =>
    events.filter((event) => event[attributes] !== undefined && event[attributes] !== null);
  const kinds = Object.entries(counted).map(
    ([kind, attributes]) => [kind, having(attributes).length] as const,
  );
  const attempts = having(retried).map(
    (event) => (event[retried] as { readonly attempt?: number }).attempt ?? 1,
  );
  const markers = having(marker).map(
    (event) => (event[marker] as { readonly markerName?: string }).markerName,
  );
  const by = {
    ...(Object.fromEntries(kinds) as Record<keyof typeof counted, number>),
    localActivity: markers.filter((name) => name === 'core_local_activity').length,
    activityRetry: attempts.reduce((sum, attempt) => sum + attempt - 1, 0),
  };
  return {
    total: Object.values(by).reduce((sum, count) => sum + count, 0),
    workflowTasks: having('workflowTaskCompletedEventAttributes').length,
    by,
  };
}
