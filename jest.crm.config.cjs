// npm run test:crm: what needs a real CRM, which bin/test-crm.mjs starts.
module.exports = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '@swc/jest' },
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/crm/**/*.test.ts'],
  // One after the other: what is timed wants the CRM for itself.
  maxWorkers: 1,
  globalSetup: '<rootDir>/test/support/start-servers.ts',
  globalTeardown: '<rootDir>/test/support/stop-servers.ts',
};
