import { countActions, type HistoryEvent } from '../../../bench/actions';
import history from '../../fixtures/bench-history.json';

const events = history.events as unknown as readonly HistoryEvent[];

test('an ordinary lead: started, two local steps, one write to the CRM, one message, one timer, one upsert', () => {
  const { total, by } = countActions(events);
  expect(by).toEqual({
    start: 1,
    localActivity: 2,
    activity: 2,
    activityRetry: 0,
    timer: 1,
    searchAttributes: 1,
    signal: 0,
    update: 0,
    childWorkflow: 0,
    signalSent: 0,
  });
  expect(total).toBe(7);
});

test('workflow tasks are told apart: they cost work, but are no actions', () => {
  const completed = events.filter(
    (event) => event['workflowTaskCompletedEventAttributes'] !== undefined,
  ).length;
  expect(countActions(events).workflowTasks).toBe(completed);
});

test('every try of an activity counts', () => {
  const started = { activityTaskStartedEventAttributes: { attempt: 4 } };
  expect(countActions([started]).by.activityRetry).toBe(3);
  expect(countActions([{ activityTaskStartedEventAttributes: {} }]).total).toBe(0);
});

test('markers of other kinds, and attributes that are empty, are no actions', () => {
  expect(countActions([{ markerRecordedEventAttributes: { markerName: 'core_patch' } }]).total).toBe(0);
  expect(countActions([{ timerStartedEventAttributes: null }]).total).toBe(0);
});

test('what people and other runs send counts', () => {
  const { by, total } = countActions([
    { workflowExecutionSignaledEventAttributes: {} },
    { workflowExecutionUpdateAcceptedEventAttributes: {} },
    { signalExternalWorkflowExecutionInitiatedEventAttributes: {} },
    { startChildWorkflowExecutionInitiatedEventAttributes: {} },
  ]);
  expect(total).toBe(4);
  expect(by).toMatchObject({ signal: 1, update: 1, signalSent: 1, childWorkflow: 1 });
});
