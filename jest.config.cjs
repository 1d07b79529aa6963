const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '@swc/jest' },
};

module.exports = {
  maxWorkers: 2,
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'pure',
      testMatch: ['<rootDir>/test/{unit,property,contract,activity}/**/*.test.ts'],
    },
    {
      // Real PostgreSQL and Temporal, brought up once for all of these files.
      ...shared,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/{integration,replay,e2e}/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/start-servers.ts',
      globalTeardown: '<rootDir>/test/support/stop-servers.ts',
    },
  ],
};
