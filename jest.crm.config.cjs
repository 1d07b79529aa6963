// npm run test:crm: what needs a real CRM, which bin/test-crm.mjs starts.
module.exports = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '@swc/jest' },
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/crm/**/*.test.ts'],
};
