import type { Component, Design } from '../../../domain/design.ts';
import type { Finding } from '../../../domain/finding.ts';
import { canonicalJson } from '../../../domain/json.ts';
import type { ImpliedEdge } from '../../../domain/plan/design-index.ts';
import { impliedEdges } from '../../../domain/plan/relationship-edges.ts';
import { describeRelationship, type RelationChange } from '../../../domain/relationship/evaluation.ts';
import { evaluateRelationships } from '../../../domain/relationship/evaluate.ts';
import type { RelatedComponent } from '../../../domain/relationship/subject.ts';
import type { ScopeOf } from '../../../domain/resolve-components.ts';
import type { Database } from '../../../infra/database/database.ts';
import { relationshipsOf } from '../../../infra/registry/relationships-of.ts';
import { checkCounterparts } from './checks/counterparts.ts';
import type { OperationContext } from './operation-context.ts';

/** The design with the fields that relationships of the registry fill, each told by a note. */
export async function fillDesign(
  database: Database,
  design: Design,
  scopeOf: ScopeOf,
): Promise<{ readonly design: Design; readonly findings: readonly Finding[] }> {
  const { components, namespace } = design;
  const { changes, components: filled } = evaluateRelationships({
    ...(await relationshipsOf(database, components)),
    components,
    namespace,
    scopeOf,
  });
  if (changes.length === 0) return { design, findings: [] };
  const objects = new Map(filled.map(({ name, object }) => [name, object]));
  return {
    design: {
      ...design,
      components: components.map((component) => ({
        ...component,
        object: objects.get(component.name) ?? component.object,
      })),
    },
    findings: changes.map(filledNote),
  };
}

function filledNote({ component, path, value, relationship, why }: RelationChange): Finding {
  return {
    severity: 'note',
    code: 'relationship.filled',
    subject: component,
    path,
    message: `${path} of component ${component} is ${canonicalJson(value)}: ${why} (relationship ${describeRelationship(relationship)})`,
  };
}

/** What relationships of the registry say of components that are as they will be applied. */
export async function relateComponents(
  context: OperationContext,
  components: readonly Component[],
): Promise<{ readonly implied: readonly ImpliedEdge[]; readonly findings: readonly Finding[] }> {
  const { edges, findings, missing } = evaluateRelationships({
    ...(await relationshipsOf(context.database, components)),
    components,
  });
  return {
    implied: impliedEdges(edges, components),
    findings: [...findings, ...(await checkCounterparts(context, { components, missing }))],
  };
}

/** The order that relationships give objects of which no design tells any more; by key. */
export async function impliedOrder(
  database: Database,
  objects: readonly (Pick<RelatedComponent, 'object'> & { readonly key: string })[],
): Promise<readonly ImpliedEdge[]> {
  const components = objects.map(({ key, object }) => ({ name: key, object, dependsOn: [] }));
  const context = await relationshipsOf(database, components);
  return impliedEdges(evaluateRelationships({ ...context, components }).edges, components);
}
