import { stringAt } from '../json.ts';
import { hardEdge, type CandidateEdge } from './candidate-edge.ts';
import { allOf, describe, grouped, type DesignIndex } from './design-index.ts';
import { isBuiltIn } from './kind-rank.ts';
import { backendEdges, backendsOf } from './webhook-edges.ts';

/** An aggregated API answers once its backend does; objects of its group need it available. */
export function apiServiceEdges(index: DesignIndex): readonly CandidateEdge[] {
  const services = allOf(index, 'apiregistration.k8s.io', 'APIService');
  if (services.length === 0) return [];
  const byVersion = grouped(index.objects, ({ object }) => [object.apiVersion]);
  return services.flatMap((service) => {
    const group = stringAt(service.object, 'spec', 'group') ?? '';
    const served = byVersion.get(`${group}/${stringAt(service.object, 'spec', 'version') ?? ''}`) ?? [];
    const instances = served
      .filter((object) => !isBuiltIn(object))
      .map((object) =>
        hardEdge({
          prerequisite: service.key,
          dependent: object.key,
          needs: 'ready',
          reason: `${describe(service)} serves ${object.kind}`,
        }),
      );
    return [...backendEdges(service, backendsOf(index, service)), ...instances];
  });
}
