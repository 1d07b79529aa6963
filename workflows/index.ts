/** What a worker registers. */
export { acceptWhileAway } from './accept-while-away';
export { digestMessages } from './digest-messages';
export { leadRouting } from './lead-routing';
export { publishPolicy } from './publish-policy';
export { rebaseClocks } from './rebase-clocks';
export { reconcileRuns } from './reconcile-runs';
