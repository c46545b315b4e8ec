import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { kubernetesObjectSchema, referenceOf } from '../../domain/kubernetes-object.ts';
import { isFinal, operationStates } from '../../domain/operation.ts';
import { scheduleRunsSchema } from '../../domain/registry/schedule.ts';
import { startWebServer } from '../infra/model-source/web-server.ts';
import { ProblemError, waitFor } from '../installation/api-client.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import {
  brokerCrd,
  componentsOf,
  generate,
  meshSyncCrd,
  reportsOf,
  startGeneration,
  uploaded,
  versionsOf,
} from './generation-helpers.ts';
import { uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  const environment = { SLIPWAY_ALLOWED_SOURCES: '127.0.0.1' };
  slipway = await startInstallation({ temporal, cluster: inject('cluster'), environment });
});

afterAll(() => slipway.stop());

/** Serves one text, which the test may change, with an entity tag; a text that is held back comes when it is let go. */
async function serveText(content: string | Buffer) {
  const state = { content, version: 1, held: Promise.withResolvers<void>(), isHeld: false };
  const server = await startWebServer(async (request, response) => {
    if (state.isHeld) await state.held.promise;
    const etag = `"${state.version}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, 'content-type': 'application/yaml' }).end(state.content);
  });
  return {
    url: `${server.url}/definitions.yaml`,
    requests: server.requests,
    change: (text: string | Buffer) => Object.assign(state, { content: text, version: state.version + 1 }),
    hold: () => Object.assign(state, { isHeld: true }),
    letGo: () => state.held.resolve(),
  };
}

const widget = (group: string, kind = 'Widget'): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${kind.toLowerCase()}s.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: ${kind}, plural: ${kind.toLowerCase()}s }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }
`;

describe('sources', () => {
  test('an uploaded file makes a model, and the upload goes', async () => {
    const source = await uploaded(slipway, brokerCrd, { name: 'broker', version: 'v1.0.0' });
    const { operation, reports } = await generate(slipway, [source]);
    expect(operation).toMatchObject({ state: 'succeeded', error: null, result: { stored: 1, models: 1 } });
    expect(reports).toMatchObject([
      { source: 'meshery.io_brokers.yaml', outcome: 'stored', models: [{ name: 'broker', change: 'added' }] },
    ]);
    expect(await componentsOf(slipway, 'broker')).toContain('Broker@meshery.io/v1alpha1');
    const uploadId = z.object({ uploadId: z.string() }).parse(source).uploadId;
    await expect(slipway.api.get(`/v1/uploads/${uploadId}`)).rejects.toThrow(ProblemError);
    const again = await generate(slipway, [await uploaded(slipway, brokerCrd, { name: 'broker', version: 'v1.0.0' })]);
    expect(again.reports).toMatchObject([{ outcome: 'unchanged' }]);
    const other = await uploaded(slipway, meshSyncCrd, { name: 'broker', version: 'v1.0.0' });
    expect((await generate(slipway, [other])).reports).toMatchObject([{ models: [{ change: 'changed' }] }]);
    const back = await uploaded(slipway, brokerCrd, { name: 'broker', version: 'v1.0.0' });
    expect((await generate(slipway, [back])).reports).toMatchObject([{ models: [{ change: 'changed' }] }]);
    expect((await versionsOf(slipway, 'broker')).map(({ revision }) => revision)).toEqual([3, 2, 1]);
  });

  test('a file at an address that has not changed costs one request, and a changed one makes a revision', async () => {
    const name = uniqueName('web');
    const served = await serveText(widget(`${name}.example.com`));
    const source = { kind: 'url', url: served.url, model: { name, version: 'v1.0.0' } };
    expect((await generate(slipway, [source])).reports).toMatchObject([{ outcome: 'stored' }]);
    expect((await generate(slipway, [source])).reports).toMatchObject([{ outcome: 'unchanged' }]);
    expect(served.requests).toHaveLength(2);
    served.change(widget(`${name}.example.com`).replace('integer', 'string'));
    expect((await generate(slipway, [source])).reports).toMatchObject([
      { outcome: 'stored', models: [{ change: 'changed', version: 'v1.0.0' }] },
    ]);
    expect((await versionsOf(slipway, name)).map(({ revision }) => revision)).toEqual([2, 1]);
  });

  test('a connected cluster gives its own kinds and its definitions by what brought them', async () => {
    const name = uniqueName('operator');
    const definition = definitionOf(`${name}.example.com`, 'Capstan');
    const labels = { 'helm.sh/chart': `${name}-1.2.3`, 'app.kubernetes.io/version': 'v4.5.6' };
    await slipway.cluster.apply(
      { ...definition, metadata: { ...definition.metadata, labels } },
      { fieldManager: 'test' },
    );
    const groups = ['core', 'apps', 'apiextensions.k8s.io', `${name}.example.com`];
    const source = { kind: 'cluster', connection: slipway.connection, groups };
    const { operation, reports } = await generate(slipway, [source]);
    expect(operation.state).toBe('succeeded');
    const { gitVersion } = await slipway.cluster.version();
    expect(reports[0]?.models.map((model) => `${model.name}@${model.version}`)).toEqual([
      `kubernetes@${gitVersion}`,
      `${name}@v4.5.6`,
    ]);
    expect(await componentsOf(slipway, `kubernetes@${gitVersion}`)).toEqual(
      expect.arrayContaining([
        'Deployment@apps/v1',
        'ConfigMap@v1',
        'CustomResourceDefinition@apiextensions.k8s.io/v1',
      ]),
    );
    expect(await componentsOf(slipway, name)).toEqual([`Capstan@${name}.example.com/v1`]);
    expect((await generate(slipway, [source])).reports).toMatchObject([{ outcome: 'unchanged' }]);
    await slipway.cluster.delete(referenceOf(definition));
  });
});

describe('a batch', () => {
  test('goes on past bad sources, and says of each what is wrong', async () => {
    const name = uniqueName('batch');
    const served = await serveText(widget(`${name}.example.com`));
    const missing = await startWebServer((_request, response) => void response.writeHead(404).end());
    const broken = await serveText('apiVersion: v1\nkind: [');
    const { operation, reports } = await generate(slipway, [
      { kind: 'url', url: `${missing.url}/nothing.yaml` },
      { kind: 'url', url: served.url, model: { name, version: 'v1' } },
      { kind: 'url', url: broken.url },
      { kind: 'url', url: 'http://169.254.169.254/latest/meta-data' },
    ]);
    expect(operation).toMatchObject({
      state: 'failed',
      error: { code: 'partial', message: '3 of 4 sources failed; the other 1 is done' },
      result: { stored: 1, failed: 3 },
      progress: { total: 4, done: 1, failed: 3 },
    });
    expect(reports.map(({ outcome }) => outcome)).toEqual(['failed', 'stored', 'failed', 'failed']);
    expect(reports[0]?.error?.code).toBe('notFound');
    expect(reports[2]).toMatchObject({ error: { code: 'invalid' } });
    expect(reports[2]?.findings[0]).toMatchObject({ code: 'yaml.syntax', file: 'definitions.yaml', line: 2 });
    expect(reports[3]?.error).toMatchObject({ code: 'forbidden' });
    expect(await versionsOf(slipway, name)).toHaveLength(1);
    const events = z.object({ items: z.array(z.looseObject({ category: z.string(), severity: z.string() })) });
    const { items } = events.parse(await slipway.api.get(`/v1/events?operation=${operation.id}`));
    expect(items.map(({ category }) => category)).toEqual(Array.from({ length: 4 }, () => 'registry'));
  });

  test('that is cancelled keeps what is finished, and nothing of the rest is seen or left', async () => {
    const [done, held] = [uniqueName('done'), uniqueName('held')];
    const first = await serveText(widget(`${done}.example.com`));
    const second = await serveText(widget(`${held}.example.com`));
    second.hold();
    const operation = await startGeneration(slipway, [
      { kind: 'url', url: first.url, model: { name: done, version: 'v1' } },
      { kind: 'url', url: second.url, model: { name: held, version: 'v1' } },
    ]);
    await slipway.api.steps(operation.id, (steps) => steps.some(({ state }) => state === 'ready'));
    await slipway.api.post(`/v1/operations/${operation.id}/cancel`);
    const ended = await slipway.api.end(operation);
    second.letGo();
    expect(ended).toMatchObject({ state: 'cancelled', result: { stored: 1, cancelled: 1 } });
    expect((await reportsOf(slipway, operation)).map(({ outcome }) => outcome)).toEqual(['stored', 'cancelled']);
    expect(await versionsOf(slipway, done)).toHaveLength(1);
    await expect(slipway.api.get(`/v1/models/${held}`)).rejects.toThrow('404');
  });

  test('of the same source many times at once makes one model', async () => {
    const name = uniqueName('twice');
    const served = await serveText(widget(`${name}.example.com`));
    const source = { kind: 'url', url: served.url, model: { name, version: 'v1' } };
    const runs = await Promise.all(
      [1, 2, 3].map(() => generate(slipway, [source, { ...source, url: `${served.url}?2` }])),
    );
    expect(runs.map(({ operation }) => operation.state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const changes = runs.flatMap(({ reports }) => reports.flatMap(({ models }) => models.map(({ change }) => change)));
    expect(changes.filter((change) => change === 'added')).toHaveLength(1);
    expect(await versionsOf(slipway, name)).toHaveLength(1);
  });

  test('that runs dry counts and checks everything, and stores nothing', async () => {
    const name = uniqueName('dry');
    const source = await uploaded(slipway, meshSyncCrd, { name, version: 'v1' });
    const { operation, reports } = await generate(slipway, [source], { dryRun: true });
    expect(operation).toMatchObject({ state: 'succeeded', result: { checked: 1, stored: 0, models: 1 } });
    expect(reports).toMatchObject([{ outcome: 'checked', models: [{ name, change: 'added' }] }]);
    await expect(slipway.api.get(`/v1/models/${name}`)).rejects.toThrow('404');
    expect((await generate(slipway, [source])).reports).toMatchObject([{ outcome: 'stored' }]);
  });

  test('that names what is not there is refused with the places', async () => {
    const request = slipway.api.post('/v1/model-generations', {
      sources: [
        { kind: 'upload', uploadId: 'upl_nothing' },
        { kind: 'cluster', connection: 'nowhere' },
        { kind: 'git', url: 'https://example.com/a.git', connection: slipway.connection },
      ],
    });
    const refusal = await request.catch((error: unknown) => error);
    if (!(refusal instanceof ProblemError)) throw new Error('it was not refused');
    expect(refusal.status).toBe(422);
    expect(refusal.findings.map(({ path }) => path)).toEqual([
      'body.sources[0].uploadId',
      'body.sources[1].connection',
      'body.sources[2].connection',
    ]);
  });
});

/** The error of a request for a schedule. */
function refusalOf(timing: object): Promise<unknown> {
  const options = { sources: [{ kind: 'upload', uploadId: 'x' }] };
  return slipway.api
    .post('/v1/schedules', { name: uniqueName('bad'), timing, options })
    .catch((error: unknown) => error);
}

const definitionOf = (group: string, kind: string) => kubernetesObjectSchema.parse(parse(widget(group, kind)));
const operationState = (state: string) => z.enum(operationStates).parse(state);

describe('a schedule', () => {
  const detailsSchema = scheduleRunsSchema.extend({ id: z.string(), paused: z.boolean() });
  const read = async (id: string) => detailsSchema.parse(await slipway.api.get(`/v1/schedules/${id}`));

  test('runs by itself, and a second run writes nothing', async () => {
    const name = uniqueName('every');
    const served = await serveText(widget(`${name}.example.com`));
    const created = z.object({ id: z.string() }).parse(
      await slipway.api.post('/v1/schedules', {
        name,
        timing: { every: '2s' },
        options: { sources: [{ kind: 'url', url: served.url, model: { name, version: 'v1' } }] },
      }),
    );
    const { lastRuns, nextRuns } = await waitFor(
      () => read(created.id),
      ({ lastRuns: runs }) => runs.filter(({ state }) => state === 'succeeded').length >= 3,
    );
    expect(nextRuns.length).toBeGreaterThan(0);
    const runs = await Promise.all(
      lastRuns
        .filter(({ state }) => state === 'succeeded')
        .toReversed()
        .map(async ({ operationId }) => (await slipway.api.operation(operationId)).result),
    );
    expect(runs[0]).toMatchObject({ stored: 1 });
    expect(runs.slice(1)).toEqual(runs.slice(1).map(() => expect.objectContaining({ unchanged: 1, stored: 0 })));
    expect(await versionsOf(slipway, name)).toHaveLength(1);
    await slipway.api.post(`/v1/schedules/${name}/pause`);
    expect(await read(name)).toMatchObject({ paused: true });
  });

  test('runs when it is told to, though it is paused', async () => {
    const name = uniqueName('told');
    const served = await serveText(widget(`${name}.example.com`));
    const options = { sources: [{ kind: 'url', url: served.url, model: { name, version: 'v1' } }] };
    const timing = { cron: ['0 3 * * *'], timeZone: 'Europe/Berlin' };
    await slipway.api.post('/v1/schedules', { name, timing, options, paused: true });
    await slipway.api.post(`/v1/schedules/${name}/trigger`);
    const { lastRuns } = await waitFor(
      () => read(name),
      ({ lastRuns: runs }) => runs.some(({ state }) => state === 'succeeded'),
    );
    expect(lastRuns).toHaveLength(1);
    expect(await versionsOf(slipway, name)).toHaveLength(1);
  });

  test('on change runs when a definition comes, changes or goes, some seconds after the last of them', async () => {
    const name = uniqueName('change');
    const group = `${name}.example.com`;
    const source = { kind: 'cluster', connection: slipway.connection, groups: [group] };
    await slipway.api.post('/v1/schedules', { name, timing: { onChange: true }, options: { sources: [source] } });
    const ended = async (count: number) => {
      const { lastRuns } = await waitFor(
        () => read(name),
        ({ lastRuns: runs }) => runs.filter(({ state }) => isFinal(operationState(state))).length >= count,
      );
      return lastRuns;
    };
    await ended(1);
    for (const kind of ['Anchor', 'Buoy'])
      await slipway.cluster.apply(definitionOf(group, kind), { fieldManager: 'test' });
    await ended(2);
    const [model] = z
      .object({ items: z.array(z.object({ name: z.string(), version: z.string() })) })
      .parse(await slipway.api.get(`/v1/models?q=${name}`)).items;
    expect(await componentsOf(slipway, model?.name ?? '')).toEqual([`Anchor@${group}/v1`, `Buoy@${group}/v1`]);
    await slipway.cluster.delete(referenceOf(definitionOf(group, 'Buoy')));
    await ended(3);
    expect(await componentsOf(slipway, model?.name ?? '')).toEqual([`Anchor@${group}/v1`]);
    await slipway.api.post(`/v1/schedules/${name}/pause`);
    await slipway.cluster.delete(referenceOf(definitionOf(group, 'Anchor')));
    expect(await read(name)).toMatchObject({ paused: true });
  });

  test('with a time that is none is refused with its place', async () => {
    const refusals = await Promise.all([
      refusalOf({ cron: ['61 * * * *'] }),
      refusalOf({ every: '1h', timeZone: 'Mars/Olympus' }),
    ]);
    const paths = refusals.map((refusal) =>
      refusal instanceof ProblemError ? refusal.findings.map(({ path }) => path) : [],
    );
    expect(paths).toEqual([
      ['body.timing.cron[0]', 'body.options.sources[0].kind'],
      ['body.timing.timeZone', 'body.options.sources[0].kind'],
    ]);
  });
});
