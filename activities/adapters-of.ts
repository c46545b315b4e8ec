import type { Component } from '../domain/design.ts';
import { chooseDefinition } from '../domain/registry/choose-definition.ts';
import { componentKey } from '../domain/registry/component-definition.ts';
import type { Database } from '../infra/database/database.ts';
import { componentsOfKind, type StoredComponent } from '../infra/database/registry/components.ts';

/**
 * The adapter that deploys each component, by its name: the one that its definition in the registry names. A component that
 * names another adapter than the usual one keeps that, and one without a definition what its format gave it.
 */
export async function adaptersOf(
  database: Database,
  components: readonly Component[],
): Promise<ReadonlyMap<string, string>> {
  const definitions = new Map<string, readonly StoredComponent[]>();
  for (const { object } of components) {
    const key = componentKey(object);
    if (!definitions.has(key)) definitions.set(key, await componentsOfKind(database, object));
  }
  return new Map(
    components.map(({ name, adapter, model, object }) => {
      const chosen = chooseDefinition(model, definitions.get(componentKey(object)) ?? []);
      return [name, adapter === 'kubernetes' ? (chosen?.definition.adapter ?? adapter) : adapter];
    }),
  );
}
