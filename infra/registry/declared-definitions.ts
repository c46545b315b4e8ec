import type { Component } from '../../domain/design.ts';
import { chooseDefinition } from '../../domain/registry/choose-definition.ts';
import { componentKey } from '../../domain/registry/component-definition.ts';
import type { Database } from '../database/database.ts';
import { componentsOfKind, type StoredComponent } from '../database/registry/components.ts';

/** A component with the usable definition that it means, or undefined where the registry has none. */
export type DeclaredComponent = { readonly component: Component; readonly definition: StoredComponent | undefined };

/** The definitions that components mean; each kind is asked for once. */
export async function declaredDefinitions(
  database: Database,
  components: readonly Component[],
): Promise<readonly DeclaredComponent[]> {
  const kinds = new Map(components.map(({ object }) => [componentKey(object), object]));
  const ofKind = new Map(
    await Promise.all([...kinds].map(async ([key, kind]) => [key, await componentsOfKind(database, kind)] as const)),
  );
  return components.map((component) => ({
    component,
    definition: chooseDefinition(component.model, ofKind.get(componentKey(component.object)) ?? [])?.definition,
  }));
}
