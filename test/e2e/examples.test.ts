import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hasErrors } from '../../domain/finding.ts';
import { ProblemError } from '../installation/api-client.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { uniqueName } from './manifests.ts';

const root = join(import.meta.dirname, '../..');
let slipway: Installation;

beforeAll(async () => {
  slipway = await startInstallation({ temporal: inject('temporal'), cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

const filesIn = (pattern: string): string[] => globSync(pattern, { cwd: root }).toSorted();

/** Those that need nothing of the registry: registry-examples.test.ts has the others. */
const examples = filesIn('examples/{manifests,meshery,shop}/*.{yaml,yml}');

test.each(examples)('%s goes live and leaves nothing behind', async (file) => {
  const name = uniqueName('example');
  await slipway.api.putDesign(name, readFileSync(join(root, file), 'utf8'));
  const target = { design: name, connection: slipway.connection, options: { namespace: name, createNamespace: true } };
  const deployed = await slipway.api.end(await slipway.api.start('/v1/deployments', target));
  expect(deployed).toMatchObject({ state: 'succeeded', error: null });
  const undeploy = `/v1/deployments/${deployed.deploymentId}/undeploy`;
  const undeployed = await slipway.api.end(await slipway.api.start(undeploy, { options: { purgeVolumes: true } }));
  expect(undeployed).toMatchObject({ state: 'succeeded', result: { orphans: [], kept: [] } });
});

/** Real designs of several generations, some broken as they were published. */
const published = filesIn('test/fixtures/designs/**/*.{yaml,yml}').filter(
  (file) => !/artifacthub-pkg|README/.test(file),
);

test.each(published)('%s deploys and leaves nothing behind, or says what is wrong with it', async (file) => {
  const name = uniqueName('published');
  const refusal = await slipway.api
    .putDesign(name, readFileSync(join(root, file), 'utf8'))
    .catch((error: unknown) => error);
  if (refusal instanceof ProblemError) {
    expect(refusal.findings.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    return;
  }
  expect(refusal).toBeUndefined();
  const options = { namespace: name, createNamespace: true, timeoutSeconds: 60 };
  const target = { design: name, connection: slipway.connection, options };
  const deployed = await slipway.api.end(await slipway.api.start('/v1/deployments', target));
  if (deployed.state === 'failed') {
    // Refused before anything was written, or by the server, object by object: never for being late.
    expect(deployed.error?.message).not.toContain('not ready after');
    const failed = (await slipway.api.steps(deployed.id)).filter(
      ({ phase, state }) => phase === 'apply' && state === 'failed',
    );
    expect(hasErrors(deployed.findings) || failed.every(({ message }) => message !== null)).toBe(true);
    return;
  }
  const undeploy = `/v1/deployments/${deployed.deploymentId}/undeploy`;
  const undeployed = await slipway.api.end(await slipway.api.start(undeploy, { options: { purgeVolumes: true } }));
  expect(undeployed).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
});
