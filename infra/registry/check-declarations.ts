import type { Component } from '../../domain/design.ts';
import type { Finding } from '../../domain/finding.ts';
import { describeObject, referenceOf } from '../../domain/kubernetes-object.ts';
import { type ComponentDefinition, componentKey } from '../../domain/registry/component-definition.ts';
import { formatModelReference } from '../../domain/registry/model.ts';
import type { Database } from '../database/database.ts';
import type { StoredComponent } from '../database/registry/components.ts';
import { readDefinitions } from '../database/registry/members.ts';
import { createSchemaCache } from './component-schema.ts';
import { declaredDefinitions } from './declared-definitions.ts';

/** Schemas are addressed by their digests, so that one cache serves everything in a process. */
const schemas = createSchemaCache();

export type DeclarationCheck = {
  readonly components: readonly Component[];
  /** `error` where nobody else checks the component, `warning` where its cluster knows better than the registry. */
  readonly severityOf: (component: Component) => Finding['severity'];
};

/**
 * What the schemas of the registry say of components, each by the definition that it means. A component whose kind the
 * registry does not know passes, unless the design says which model defines it.
 */
export async function checkDeclarations(
  database: Database,
  { components, severityOf }: DeclarationCheck,
): Promise<readonly Finding[]> {
  const declared = await declaredDefinitions(database, components);
  const digests = [...new Set(declared.flatMap(({ definition }) => definition?.digest ?? []))];
  const bodies = await readDefinitions<ComponentDefinition>(database, digests);
  return declared.flatMap(({ component, definition }) => {
    if (definition === undefined) return undefinedModel(component);
    const body = bodies.get(definition.digest);
    return [
      ...deprecated(component, definition),
      ...(body === undefined ? [] : misfits({ component, definition, body, severity: severityOf(component) })),
    ];
  });
}

type Declared = {
  readonly component: Component;
  readonly definition: StoredComponent;
  readonly body: ComponentDefinition;
  readonly severity: Finding['severity'];
};

function misfits({ component, definition, body, severity }: Declared): readonly Finding[] {
  const { check } = schemas.compiled(definition.digest, () => body);
  return check(component.object).map((finding) => ({
    ...finding,
    severity,
    message: `${finding.message.replace(/[.]$/, '')} (schema of ${formatModelReference(definition.model)})`,
  }));
}

function deprecated({ object }: Component, { status, model }: StoredComponent): readonly Finding[] {
  if (status !== 'deprecated' && model.status !== 'deprecated') return [];
  const subject = describeObject(referenceOf(object));
  return [
    {
      severity: 'warning',
      code: 'definition.deprecated',
      subject,
      message: `${subject} is of the kind ${componentKey(object)} of ${formatModelReference(model)}, which is deprecated`,
      fix: 'see `slipway model get` for what replaces it',
    },
  ];
}

function undefinedModel({ name, object, model }: Component): readonly Finding[] {
  if (model === undefined) return [];
  const subject = describeObject(referenceOf(object));
  return [
    {
      severity: 'note',
      code: 'definition.unknown',
      subject,
      path: `components.${name}.model`,
      message: `the registry has no ${componentKey(object)} of the model ${model.name}: its fields are not checked`,
      fix: 'import the model with `slipway model import`, or take the name of the model out of the design',
    },
  ];
}
