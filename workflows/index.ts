/** What a worker registers. */
export { acceptWhileAway } from './accept-while-away';
export { compareCrm } from './compare-crm';
export { digestMessages } from './digest-messages';
export { followCrm } from './follow-crm';

export { fetchLead } from './fetch-lead';
export { importLeads } from './import-leads';
export { leadRouting } from './lead-routing';
export { publishPolicy } from './publish-policy';
export { rebaseClocks } from './rebase-clocks';
export { reconcileRuns } from './reconcile-runs';
