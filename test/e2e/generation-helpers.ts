import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Operation } from '../../domain/operation.ts';
import { type SourceReport, sourceReportSchema } from '../../domain/registry/generation.ts';
import type { Installation } from '../installation/installation.ts';

const fixtures = join(import.meta.dirname, '../fixtures');

/** A published file of the fixtures. */
export async function fixture(path: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(join(fixtures, path));
}

export const brokerCrd = 'registry/meshery__meshery-operator/config/crd/bases/meshery.io_brokers.yaml';
export const meshSyncCrd = 'registry/meshery__meshery-operator/config/crd/bases/meshery.io_meshsyncs.yaml';

type Sources = readonly object[];
type Options = Readonly<Record<string, unknown>>;

/** Starts a generation. */
export function startGeneration({ api }: Installation, sources: Sources, options: Options = {}): Promise<Operation> {
  return api.start('/v1/model-generations', { sources, ...options });
}

/** A generation and what became of its sources. */
export async function generate(
  slipway: Installation,
  sources: Sources,
  options: Options = {},
): Promise<{ readonly operation: Operation; readonly reports: readonly SourceReport[] }> {
  const operation = await slipway.api.end(await startGeneration(slipway, sources, options));
  return { operation, reports: await reportsOf(slipway, operation) };
}

/** The reports of the sources that have ended. */
export async function reportsOf({ api }: Installation, { id }: Operation): Promise<readonly SourceReport[]> {
  const page = z.object({ items: z.array(sourceReportSchema) });
  return page.parse(await api.get(`/v1/operations/${id}/sources`)).items;
}

/** A file of the fixtures, sent to be generated from. */
export async function uploaded({ api }: Installation, path: string, model?: object): Promise<object> {
  const uploadId = await api.upload(path.slice(path.lastIndexOf('/') + 1), new Uint8Array(await fixture(path)));
  return { kind: 'upload', uploadId, ...(model === undefined ? {} : { model }) };
}

const modelsPage = z.object({
  items: z.array(z.looseObject({ id: z.string(), name: z.string(), version: z.string(), revision: z.number() })),
});
const componentsPage = z.object({ items: z.array(z.looseObject({ kind: z.string(), apiVersion: z.string() })) });

/** All that the registry holds, every revision of it. */
export async function allModels({ api }: Installation) {
  return modelsPage.parse(await api.get('/v1/models?limit=1000')).items;
}

/** The revisions of one model. */
export async function versionsOf({ api }: Installation, name: string) {
  return modelsPage.parse(await api.get(`/v1/models/${name}/versions`)).items;
}

/** `Kind@apiVersion` of the components of a model. */
export async function componentsOf({ api }: Installation, model: string): Promise<readonly string[]> {
  const { items } = componentsPage.parse(await api.get(`/v1/models/${model}/components?limit=1000`));
  return items.map(({ kind, apiVersion }) => `${kind}@${apiVersion}`);
}
