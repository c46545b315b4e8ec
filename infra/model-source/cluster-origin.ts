import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import { readableName, slugOf } from '../../domain/registry/readable-name.ts';

/** The model that a kind of a cluster belongs to. */
export type ClusterOrigin = { readonly name: string; readonly version: string; readonly displayName: string };

/**
 * What brought a CustomResourceDefinition, as far as its labels and annotations tell: a chart, an application, an operator of the
 * Operator Lifecycle Manager; else its API group. https://helm.sh/docs/chart_best_practices/labels,
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels
 */
export function originOfCrd({ metadata }: KubernetesObject): ClusterOrigin {
  const labels = metadata.labels ?? {};
  const group = groupOfCrd(metadata.name);
  const chart = chartOf(labels['helm.sh/chart'] ?? '');
  const names = [
    chart?.name,
    labels['app.kubernetes.io/part-of'],
    operatorOf(labels),
    metadata.annotations?.['meta.helm.sh/release-name'],
    labels['app.kubernetes.io/name'],
  ];
  const name = names.find((one) => one !== undefined && slugOf(one) !== '') ?? group;
  const version = labels['app.kubernetes.io/version'] ?? chart?.version ?? '';
  return { name: slugOf(name), version: cleanVersion(version), displayName: readableName(name) };
}

/** The API group of a definition, which its name ends with: `certificates.cert-manager.io`. */
export function groupOfCrd(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

/** `cert-manager` and `v1.17.1` of `cert-manager-v1.17.1`; a "+" of the version is written as "_" in labels. */
function chartOf(label: string): { readonly name: string; readonly version: string } | undefined {
  const [, name, version] = /^(.+?)-(v?\d+\.\d+.*)$/.exec(label) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version: version.replaceAll('_', '+') };
}

/** Labels such as `operators.coreos.com/prometheus.monitoring` name the package and its namespace. */
function operatorOf(labels: Readonly<Record<string, string>>): string | undefined {
  const prefix = 'operators.coreos.com/';
  const label = Object.keys(labels).find((key) => key.startsWith(prefix));
  return label?.slice(prefix.length).replace(/\.[^.]*$/, '');
}

/** Empty where nothing of it can stand as a version. */
function cleanVersion(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._+-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 100);
}
