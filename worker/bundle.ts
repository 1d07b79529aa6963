import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The workflow code as one file, made at build time, so that a worker starts without a bundler. */
export const bundleFile = join(__dirname, '../workflow-bundle.js');

async function main(): Promise<void> {
  const workflowsPath = require.resolve('../workflows');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // No module of ours keeps anything between calls, so that runs may share them instead of each evaluating its own.
    preloadModules: [workflowsPath],
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(bundleFile, code);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
