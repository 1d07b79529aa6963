/** Task queue of the bare workflow; apart from the worker, so that naming it starts nothing. */
export const bareQueue = 'bench-bare';
