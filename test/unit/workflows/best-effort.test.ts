import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { bestEffort } from '../../../workflows/run';

// The workflow's logger exists only inside a run.
const warn = jest.fn();
jest.mock('@temporalio/workflow', () => ({
  ...jest.requireActual<object>('@temporalio/workflow'),
  log: { warn: (...args: unknown[]): void => void warn(...args) },
}));

const refused = ApplicationFailure.nonRetryable('no policy is live', 'route.no_policy');
const wrapped = new ActivityFailure('failed', 'notifyRep', '1', 'NON_RETRYABLE_FAILURE', undefined, refused);

// An undeliverable message must not fail the run of the lead it is about.
test.each([
  ['a regular activity, which wraps its failure', wrapped],
  ['a local activity, which throws it as it is', refused],
])('work that may be skipped is given up and logged when it is %s', async (_name, failure) => {
  await bestEffort('assigned', Promise.reject(failure));
  expect(warn).toHaveBeenLastCalledWith('given up', { what: 'assigned', reason: 'no policy is live' });
});

test.each([
  ['a cancellation', new CancelledFailure('cancelled')],
  ['a bug', new TypeError('x is not a function')],
])('%s is not taken for a failure of the work', async (_name, error) => {
  await expect(bestEffort('assigned', Promise.reject(error))).rejects.toBe(error);
});
