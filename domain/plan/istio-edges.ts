import { arrayAt, stringAt, valueAt } from '../json.ts';
import { softEdge, type CandidateEdge } from './candidate-edge.ts';
import { allOf, describe, grouped, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

const istioGroup = 'networking.istio.io';

/**
 * A VirtualService comes after the Services it routes to and after the DestinationRules that define its subsets, as a
 * route to an unknown subset answers 503. https://istio.io/latest/docs/ops/best-practices/traffic-management/
 */
export function istioEdges(index: DesignIndex): readonly CandidateEdge[] {
  const rules = allOf(index, istioGroup, 'DestinationRule');
  const rulesByHost = grouped(rules, (rule) => [hostOf(rule, stringAt(rule.object, 'spec', 'host') ?? '')]);
  const routes = allOf(index, istioGroup, 'VirtualService');
  return [
    ...rules.flatMap((rule) => serviceEdges(index, rule, [stringAt(rule.object, 'spec', 'host') ?? ''])),
    ...routes.flatMap((route) => serviceEdges(index, route, destinationsOf(route))),
    ...routes.flatMap((route) =>
      destinationsOf(route)
        .flatMap((host) => rulesByHost.get(hostOf(route, host)) ?? [])
        .map((rule) => routingEdge(rule, route)),
    ),
  ];
}

function destinationsOf({ object }: PlannedObject): readonly string[] {
  const hosts = ['http', 'tcp', 'tls'].flatMap((protocol) =>
    arrayAt(object, 'spec', protocol).flatMap((rule) => [
      ...arrayAt(rule, 'route').map((route) => stringAt(route, 'destination', 'host')),
      stringAt(valueAt(rule, 'mirror'), 'host'),
    ]),
  );
  return [...new Set(hosts)].filter((host) => host !== undefined);
}

/** `namespace/name` of the Service that a short or full host means; a short one is of the namespace of who says it. */
function hostOf({ namespace }: PlannedObject, host: string): string {
  const [name = '', scope = namespace ?? ''] = host.replace(/\.svc(\..*)?$/, '').split('.');
  return `${scope}/${name}`;
}

function serviceEdges(index: DesignIndex, from: PlannedObject, hosts: readonly string[]): readonly CandidateEdge[] {
  return hosts
    .flatMap((host) => index.byKey.get(`/Service/${hostOf(from, host)}`) ?? [])
    .map((service) => routingEdge(service, from));
}

function routingEdge(prerequisite: PlannedObject, dependent: PlannedObject): CandidateEdge {
  const reason = `${describe(dependent)} routes by ${describe(prerequisite)}`;
  return softEdge({ prerequisite: prerequisite.key, dependent: dependent.key, needs: 'exists', reason }, 'routing');
}
