import { defineConfig } from 'vitest/config';

/** Tests that start programs of their own: one file after another, so that they do not starve each other. */
const heavy = { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false } as const;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/domain/**/*.test.ts'] } },
      { test: { name: 'runtime', include: ['test/runtime/**/*.test.ts'], ...heavy } },
      {
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: ['test/domain/**', 'test/runtime/**', 'test/faults/**', 'test/browser/**'],
          globalSetup: ['test/setup/servers.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], ...heavy } },
    ],
  },
});
