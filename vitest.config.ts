import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The one copy that Node itself gives to everybody: graphql refuses a schema made by another.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global.ts'],
    pool: 'forks',
    // Tests wait for sockets and the database more than they compute.
    maxWorkers: '150%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
