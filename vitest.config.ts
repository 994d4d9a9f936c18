import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The one copy that Node itself gives to everybody: graphql refuses a schema made by another.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    globalSetup: ['test/support/global.ts'],
    pool: 'forks',
    // Tests wait for sockets and the database more than they compute.
    maxWorkers: '150%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      // Each file has a server and a database of its own: loading the code once a worker, and not once a file, is enough.
      {
        extends: true,
        test: { name: 'server', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], isolate: false },
      },
      { extends: true, test: { name: 'processes', include: ['test/e2e/**/*.test.ts'] } },
    ],
  },
})
