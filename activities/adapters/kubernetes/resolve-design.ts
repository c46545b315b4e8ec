import type { Component } from '../../../domain/design.ts';
import { SlipwayError } from '../../../domain/errors.ts';
import { objectKey } from '../../../domain/kubernetes-object.ts';
import type { DeployOptions } from '../../../domain/operation.ts';
import { markOwned } from '../../../domain/ownership.ts';
import { resolveComponents, type ResolvedDesign, type ScopeOf } from '../../../domain/resolve-components.ts';
import { readRevision } from '../../../infra/database/designs.ts';
import { expandCharts } from './charts.ts';
import { readLive } from './live-state.ts';
import type { OperationContext } from './operation-context.ts';
import { fillDesign } from './relationships.ts';

/** The components as they are sent: scoped, marked as the deployment's, with the namespaces that it is to create. */
export async function resolveDesign(context: OperationContext, options: DeployOptions): Promise<ResolvedDesign> {
  const { operation, client, deployment, signal } = context;
  if (operation.designId === null || operation.revision === null)
    throw new SlipwayError('invalid', 'the operation names no design');
  const [{ design }, { resources }] = await Promise.all([
    readRevision(context.database, { id: operation.designId, revision: operation.revision }),
    client.discovery.all({ signal }),
  ]);
  const scopes = new Map(resources.map(({ apiVersion, kind, namespaced }) => [`${apiVersion}/${kind}`, namespaced]));
  const namespace = options.namespace ?? client.namespace;
  const expanded = await expandCharts(context, { design, namespace: namespace ?? 'default' });
  const scopeOf: ScopeOf = (apiVersion, kind) => {
    const namespaced = scopes.get(`${apiVersion}/${kind}`);
    return namespaced === undefined ? undefined : namespaced ? 'namespaced' : 'cluster';
  };
  const filled = await fillDesign(context.database, expanded.design, scopeOf);
  const resolved = resolveComponents(filled.design, { namespace, scopeOf });
  const created = options.createNamespace ? await missingNamespaces(context, resolved.components) : [];
  const components = [...created, ...resolved.components].map((component) => ({
    ...component,
    object: markOwned(component.object, { deploymentId: deployment.id, component: component.name }),
  }));
  return { ...resolved, findings: [...expanded.findings, ...filled.findings, ...resolved.findings], components };
}

async function missingNamespaces(
  context: OperationContext,
  components: readonly Component[],
): Promise<readonly Component[]> {
  const brought = new Set(
    components.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name),
  );
  const used = new Set(components.flatMap(({ object }) => object.metadata.namespace ?? []));
  const wanted = [...used]
    .filter((name) => !brought.has(name))
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', name }));
  const live = await readLive(context.client, wanted, context.signal);
  return wanted
    .filter((reference) => !live.has(objectKey(reference)))
    .map(({ name }) => ({
      name: `namespace-${name}`,
      adapter: 'kubernetes',
      dependsOn: [],
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    }));
}
