import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, expect, test } from 'vitest';
import { createVault } from '../../infra/secrets/vault.ts';
import { createDataConverter } from '../../infra/temporal/client.ts';
import { testMasterKey } from '../installation/installation.ts';

const folder = join(import.meta.dirname, 'histories');
const dataConverter = createDataConverter(createVault([Buffer.from(testMasterKey, 'base64')]));
let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const { failureConverterPath } = dataConverter;
  workflowBundle = await bundleWorkflowCode({
    workflowsPath,
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
    logger: new DefaultLogger('ERROR', () => undefined),
  });
});

const readHistory = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

const histories = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));

test.each(histories)('%s still replays', async (file) => {
  await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, readHistory(file))).resolves.toBeUndefined();
});

test('a workflow that does its steps in another order than it did is found out', async () => {
  const text = readFileSync(join(folder, 'deploy.json'), 'utf8');
  const swapped = text.replace('"name": "apply"', '"name": "remove"');
  expect(swapped).not.toBe(text);
  await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, JSON.parse(swapped))).rejects.toThrow(
    DeterminismViolationError,
  );
});
