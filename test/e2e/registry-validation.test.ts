import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { findingSchema } from '../../domain/finding.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { manifests, namespace, uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  slipway = await startInstallation({ temporal, cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

const validationSchema = z.object({ valid: z.boolean(), findings: z.array(findingSchema) });

async function validate(source: string): Promise<z.infer<typeof validationSchema>> {
  return validationSchema.parse(await slipway.api.post('/v1/designs/validate', { source }));
}

function gadgetDefinition(group: string) {
  const spec = {
    type: 'object',
    required: ['size'],
    properties: { size: { type: 'integer', maximum: 9 }, colour: { type: 'string', enum: ['red', 'green'] } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Gadget', plural: 'gadgets' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  };
}

const gadget = (group: string, inNamespace: string, spec: object): object => ({
  apiVersion: `${group}/v1`,
  kind: 'Gadget',
  metadata: { name: 'first', namespace: inNamespace },
  spec,
});

test("a model generated from a cluster's definitions validates a design that uses them", async () => {
  const name = uniqueName('gadgets');
  const group = `${name}.example.com`;
  const definition = gadgetDefinition(group);
  await slipway.cluster.create(definition);
  try {
    const source = { kind: 'cluster', connection: slipway.connection, groups: [group] };
    const generation = await slipway.api.start('/v1/model-generations', { sources: [source] });
    expect(await slipway.api.end(generation)).toMatchObject({ state: 'succeeded', error: null });

    const good = await validate(manifests(namespace(name), gadget(group, name, { size: 3, colour: 'red' })));
    expect(good).toEqual({ valid: true, findings: [] });
    const bad = await validate(manifests(namespace(name), gadget(group, name, { size: 12, color: 'red' })));
    expect(bad.valid).toBe(false);
    expect(bad.findings.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
      'object.invalidField spec.size',
      'object.unknownField spec.color',
    ]);
    expect(bad.findings[0]?.message).toContain('(schema of ');
  } finally {
    await slipway.cluster.delete({ ...definition, name: definition.metadata.name });
  }
});
