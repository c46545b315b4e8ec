import { deriveComponentNames } from '../design/component-names.ts';
import type { Design } from '../design.ts';
import type { Installation } from './model-member.ts';
import type { ModelReference } from './model.ts';

/** The design that brings a model's kinds to a cluster. */
export function installationDesign(model: ModelReference, installations: readonly Installation[]): Design {
  const objects = installations.flatMap((installation) => installation.objects);
  const namespace = installations.find((installation) => installation.namespace !== undefined)?.namespace;
  const names = deriveComponentNames(objects);
  return {
    name: installationDesignName(model),
    description: `What ${model.name} needs in a cluster`,
    ...(namespace === undefined ? {} : { namespace }),
    components: objects.map((object, index) => ({
      name: names[index] ?? '',
      adapter: 'kubernetes',
      model: { name: model.name, version: model.version },
      dependsOn: [],
      object,
    })),
  };
}

/** One design for all versions of a model, so that another version is another revision of the same deployment. */
export function installationDesignName({ name }: ModelReference): string {
  return `model-${name}`;
}
