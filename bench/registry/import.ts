import { gzipSync } from 'node:zlib';
import type { Operation } from '../../domain/operation.ts';
import { tar } from '../../test/infra/design-source/tar.ts';
import { forgetPeak, readPeakBytes } from '../deploy/process-usage.ts';
import type { Stack } from '../deploy/stack.ts';
import { benchModel, componentsPerModel } from './workload.ts';

export type ImportMeasurement = {
  readonly componentCount: number;
  /** Packed. */
  readonly packageBytes: number;
  readonly unpackedBytes: number;
  /** From the request that asks for the generation to its end, in seconds. */
  readonly firstSeconds: number;
  readonly unchangedSeconds: number;
  /** The most memory that the worker held at once while it imported the package for the first time. */
  readonly peakBytes: number | undefined;
};

/** Imports a package of so many definitions through the API and a worker, twice. */
export async function measureImport({ slipway }: Stack, componentCount: number): Promise<ImportMeasurement> {
  const files = definitionFiles(componentCount);
  const archive = gzipSync(tar(files));
  const [worker] = slipway.workers;
  const importOnce = async (): Promise<number> => {
    const uploadId = await slipway.api.upload('bench.tar.gz', new Uint8Array(archive));
    const model = { name: `bench-${componentCount}`, version: 'v1.0.0' };
    const body = { sources: [{ kind: 'upload', uploadId, model }] };
    const start = performance.now();
    requireSuccess(await slipway.api.end(await slipway.api.start('/v1/model-generations', body)));
    return (performance.now() - start) / 1000;
  };
  await forgetPeak(worker?.pid());
  const firstSeconds = await importOnce();
  const peakBytes = await readPeakBytes(worker?.pid());
  return {
    componentCount,
    packageBytes: archive.length,
    unpackedBytes: files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
    firstSeconds,
    unchangedSeconds: await importOnce(),
    peakBytes,
  };
}

/** CustomResourceDefinitions with the schemas of published ones, one a file. */
function definitionFiles(count: number): readonly { readonly path: string; readonly content: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const { components } = benchModel(Math.floor(index / componentsPerModel));
    const schema = components[index % componentsPerModel]?.schema ?? {};
    const [kind, group] = [`Crate${index}`, `g${index % 97}.bench.example.com`];
    const names = { kind, plural: `crate${index}s` };
    const openAPIV3Schema = { type: 'object', properties: { spec: withoutReferences(schema) } };
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${names.plural}.${group}` },
      spec: { group, scope: 'Namespaced', names, versions: [version] },
    };
    return { path: `crds/${kind}.json`, content: JSON.stringify(definition) };
  });
}

/** Published components have draft schemas; definitions take structural ones, so only that anything may stand there is kept. */
function withoutReferences(schema: object): object {
  const description = JSON.stringify(schema).slice(0, 4_000);
  return { type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true };
}

function requireSuccess({ id, state, error }: Operation): void {
  if (state !== 'succeeded') throw new Error(`${id} ${state}: ${error?.message}`);
}
