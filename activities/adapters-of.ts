import type { Component } from '../domain/design.ts';
import type { Database } from '../infra/database/database.ts';
import { declaredDefinitions } from '../infra/registry/declared-definitions.ts';

/**
 * The adapter that deploys each component, by its name: the one that its definition in the registry names. A component that
 * names another adapter than the usual one keeps that, and one without a definition what its format gave it.
 */
export async function adaptersOf(
  database: Database,
  components: readonly Component[],
): Promise<ReadonlyMap<string, string>> {
  const declared = await declaredDefinitions(database, components);
  return new Map(
    declared.map(({ component: { name, adapter }, definition }) => [
      name,
      adapter === 'kubernetes' ? (definition?.adapter ?? adapter) : adapter,
    ]),
  );
}
