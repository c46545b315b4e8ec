import { defineConfig } from 'vitest/config';

/** Tests that start programs of their own: one file after another, so that they do not starve each other. */
const heavy = { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false } as const;

/** Tests that need nothing but this process and programs on the PATH: no Temporal server, no cluster, no registry. */
const serverless = [
  'test/domain/**/*.test.ts',
  'test/activities/definition-schema.test.ts',
  'test/cli/{command-reference,contexts,design-source,duration,event-stream,operation-trouble,output,plan-text,progress-*}.test.ts',
  'test/infra/{config,ids,log}.test.ts',
  'test/infra/{database,secrets}/**/*.test.ts',
  'test/infra/design-source/{archives,bad-input,export-design,plain-texts,yaml-documents}.test.ts',
  'test/infra/kubernetes/{adaptive-limit,internal-error,json-lines,kubeconfig,requests,watch}.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: serverless, testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'runtime', include: ['test/runtime/**/*.test.ts'], ...heavy } },
      {
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: [...serverless, 'test/runtime/**', 'test/faults/**', 'test/browser/**'],
          globalSetup: ['test/setup/servers.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], ...heavy } },
    ],
  },
});
