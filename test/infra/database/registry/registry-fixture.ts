import { randomUUID } from 'node:crypto';
import type { ComponentDefinition } from '../../../../domain/registry/component-definition.ts';
import type { GeneratedModel } from '../../../../domain/registry/generation.ts';
import type { ModelHead, ModelMember } from '../../../../domain/registry/model-member.ts';
import type { Registrant } from '../../../../domain/registry/model.ts';
import type { RelationshipDefinition } from '../../../../domain/registry/relationship-definition.ts';
import type { Database } from '../../../../infra/database/database.ts';
import { publishStaged } from '../../../../infra/database/registry/publish-staged.ts';
import { type StagedModel, stageModel } from '../../../../infra/database/registry/stage-model.ts';

export const madeByHand: Registrant = { kind: 'manual', address: '' };

/** Processes that tests start use this file too: it imports nothing of the test runner. */
function newOperationId(): string {
  return `op_${randomUUID()}`;
}

export function headOf(
  model: Partial<ModelHead['model']> & { readonly name: string },
  definitionVersion = 'v1.0.0',
): ModelHead {
  const { name } = model;
  return {
    definitionVersion,
    model: {
      version: 'v1.0.0',
      displayName: name,
      description: '',
      category: 'Uncategorized',
      subCategory: '',
      metadata: {},
      ...model,
    },
  };
}

export function component(kind: string, given: Partial<ComponentDefinition> = {}): ModelMember {
  return {
    type: 'component',
    definition: {
      kind,
      apiVersion: 'example.io/v1',
      displayName: kind,
      description: '',
      scope: 'namespaced',
      adapter: 'kubernetes',
      schema: { type: 'object', title: kind },
      metadata: {},
      ...given,
    },
  };
}

export function relationship(name: string, given: Partial<RelationshipDefinition> = {}): ModelMember {
  return {
    type: 'relationship',
    definition: {
      name,
      kind: 'edge',
      type: 'binding',
      subType: '',
      description: '',
      selectors: [between('Issuer', 'Secret')],
      foundBy: { how: 'written' },
      metadata: {},
      ...given,
    },
  };
}

/** A selector set that allows one pair of kinds. */
export function between(from: string, to: string): RelationshipDefinition['selectors'][number] {
  return { allow: { from: [{ kind: from }], to: [{ kind: to }] } };
}

/** What brings kinds of `group`, served at v1 and not any more at v0. */
export function installationOf({
  name = 'installation',
  group,
  kinds,
}: {
  readonly name?: string;
  readonly group: string;
  readonly kinds: readonly string[];
}): ModelMember {
  return {
    type: 'installation',
    definition: {
      name,
      objects: kinds.map((kind) => ({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `${kind.toLowerCase()}s.${group}` },
        spec: { group, names: { kind }, versions: [{ name: 'v1' }, { name: 'v0', served: false }] },
      })),
    },
  };
}

export type Stored = {
  readonly operationId?: string;
  readonly position?: number;
  readonly head: ModelHead;
  readonly members?: readonly ModelMember[];
  readonly registrant?: Registrant;
};

export function beginModel(
  database: Database,
  { operationId = newOperationId(), position = 0, head, registrant = madeByHand }: Stored,
): Promise<StagedModel> {
  return stageModel(database, { operationId, position, head, registrant, actor: 'ann', source: 'a test' });
}

/** Stages and publishes one model as a run of its own. */
export async function storeModel(database: Database, stored: Stored): Promise<GeneratedModel> {
  const { operationId = newOperationId(), position = 0, members = [] } = stored;
  const model = await beginModel(database, { ...stored, operationId, position });
  await model.add(members);
  await model.seal();
  const [published] = await publishStaged(database, { operationId, position, modelCount: 1 });
  if (published === undefined) throw new Error('nothing was published');
  return published;
}
