import { z } from 'zod';
import type { Component, Design } from '../design.ts';
import { canonicalJson } from '../json.ts';
import { diffObjects, fieldChangeSchema } from '../object-diff.ts';

/** What differs between two designs, by component name. The data of Secrets is hidden. */
export const designComparisonSchema = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.object({ component: z.string(), changes: z.array(fieldChangeSchema) })),
  /** Changes of the design's own fields: name, description, namespace. */
  design: z.array(fieldChangeSchema),
});

export type DesignComparison = z.infer<typeof designComparisonSchema>;

/** What turns the design `before` into `after`. */
export function compareDesigns(before: Design, after: Design): DesignComparison {
  const old = componentsByName(before);
  const current = componentsByName(after);
  return {
    added: [...current.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !current.has(name)),
    changed: [...current].flatMap(([name, component]) => {
      const earlier = old.get(name);
      const changes = earlier === undefined ? [] : compareComponents(earlier, component);
      return changes.length === 0 ? [] : [{ component: name, changes }];
    }),
    design: diffObjects(ownFields(before), ownFields(after)),
  };
}

function componentsByName(design: Design): ReadonlyMap<string, Component> {
  return new Map(design.components.map((component) => [component.name, component]));
}

/** The order of dependencies means nothing. */
function compareComponents(before: Component, after: Component): DesignComparison['changed'][number]['changes'] {
  const objectChanges = diffObjects(before.object, after.object).map((change) => ({
    ...change,
    path: `object.${change.path}`,
  }));
  return [...diffObjects(declaredFields(before), declaredFields(after)), ...objectChanges];
}

function declaredFields({ name: _name, object: _object, dependsOn, ...fields }: Component): object {
  return { ...fields, dependsOn: dependsOn.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) };
}

function ownFields({ components: _components, ...fields }: Design): object {
  return fields;
}
