import type { DeploymentState } from '../../domain/deployment.ts';
import type { Component } from '../../domain/design.ts';
import { SlipwayError } from '../../domain/errors.ts';
import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import { chooseDefinition, type DefinitionLink } from '../../domain/registry/choose-definition.ts';
import type { Database } from '../database/database.ts';
import { readRevision } from '../database/designs.ts';
import { findInstances, type InstanceName, type OwnedInstance } from '../database/instances.ts';
import { componentsOfKind, findComponent, type StoredComponent } from '../database/registry/components.ts';
import { readDefinition } from '../database/registry/members.ts';
import { digestOf } from '../digest.ts';

/** The definition that a declaration means, as far as the registry knows it. */
export type TracedDefinition = {
  readonly link: DefinitionLink;
  readonly component: StoredComponent;
  /** SHA-256 of its schema. */
  readonly schemaDigest: string;
  /** Addresses of definitions of the kind in other models. */
  readonly others: readonly string[];
};

/** Where an object came from, by one of the deployments that own it. */
export type Origin = {
  /** `recorded`: it was applied and seen; `intended`: it was about to be applied when the record ends. */
  readonly link: 'recorded' | 'intended';
  readonly instance: OwnedInstance;
  readonly deployment: { readonly id: string; readonly state: DeploymentState };
  readonly declaration: {
    readonly designId: string;
    readonly designName: string;
    readonly revision: number;
    readonly component: string;
  };
  /** Null where the registry has no such definition. */
  readonly definition: TracedDefinition | null;
};

/**
 * From an object of a cluster back to its declaration, definition and schema, once for each deployment that owns it. No cluster is
 * asked: the inventory says what was applied. Throws SlipwayError `notFound` when nothing owns it, `invalid` when kinds of
 * several API groups have the name and no `apiVersion` says which.
 */
export async function traceInstance(
  database: Database,
  { apiVersion, ...name }: InstanceName & { readonly apiVersion?: string | undefined },
): Promise<readonly [Origin, ...Origin[]]> {
  const found = await findInstances(database, name);
  const wanted = found.filter(({ reference }) => apiVersion === undefined || reference.apiVersion === apiVersion);
  const [first, ...others] = wanted;
  if (first === undefined) throw notOwned(name, found);
  if (others.some(({ key }) => key !== first.key)) throw severalKinds(name, wanted);
  const traced = await Promise.all(others.map((instance) => traceOrigin(database, instance)));
  return [await traceOrigin(database, first), ...traced];
}

async function traceOrigin(database: Database, instance: OwnedInstance): Promise<Origin> {
  const { design, deployment, component, revision, reference } = instance;
  const { components } = (await readRevision(database, { id: design.id, revision })).design;
  const declared = components.find(({ name }) => name === component);
  return {
    link: instance.uid === null ? 'intended' : 'recorded',
    instance,
    deployment,
    declaration: { designId: design.id, designName: design.name, revision, component },
    definition: await traceDefinition(database, reference, declared?.model),
  };
}

async function traceDefinition(
  database: Database,
  kind: { readonly kind: string; readonly apiVersion: string },
  model: Component['model'],
): Promise<TracedDefinition | null> {
  const pinned = await findPinned(database, kind, model);
  const candidates = await componentsOfKind(database, { kind: kind.kind, apiVersion: kind.apiVersion });
  const chosen = chooseDefinition(model, pinned === undefined ? candidates : [pinned, ...candidates]);
  if (chosen === undefined) return null;
  const { schema } = await readDefinition<ComponentDefinition>(database, chosen.definition.digest);
  return {
    link: chosen.link,
    component: chosen.definition,
    schemaDigest: digestOf(schema),
    others: chosen.others.map(({ address }) => address),
  };
}

/** The very version that a design names, also when it is disabled by now. */
async function findPinned(
  database: Database,
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion: string },
  model: Component['model'],
): Promise<StoredComponent | undefined> {
  if (model?.version === undefined) return undefined;
  return findComponent(database, `${model.name}@${model.version}/${kind}@${apiVersion}`);
}

function notOwned({ kind, namespace, name }: Omit<InstanceName, 'connectionId'>, found: readonly OwnedInstance[]) {
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  return new SlipwayError('notFound', `no deployment owns ${kind} ${place} there`, {
    fix:
      found.length === 0
        ? 'Name the kind, the namespace and the name as the cluster has them; only what Slipway deployed has a lineage.'
        : `It is known as ${versionsOf(found)}.`,
  });
}

function severalKinds({ kind, name }: Omit<InstanceName, 'connectionId'>, found: readonly OwnedInstance[]) {
  return new SlipwayError('invalid', `there are several ${kind} ${name}, of ${versionsOf(found)}`, {
    fix: 'Say which one by its API version.',
  });
}

function versionsOf(found: readonly OwnedInstance[]): string {
  return [...new Set(found.map(({ reference }) => reference.apiVersion))].join(' and ');
}
