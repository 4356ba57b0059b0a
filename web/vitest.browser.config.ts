// The tests in a real browser, apart from the quick ones: `npm run test:browser`. They start processes and take minutes.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: process.env.PICTURES === undefined ? ['browser/**/*.test.ts'] : ['browser/screenshots.ts'],
    environment: 'node',
    maxWorkers: 1,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
