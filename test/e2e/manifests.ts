import { randomBytes } from 'node:crypto';

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

export function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function configMap(inNamespace: string, name: string, data: Record<string, string> = { key: 'value' }): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: inNamespace }, data };
}

type DeploymentOptions = { readonly replicas?: number; readonly podSpec?: object; readonly selector?: string };

export function deployment(inNamespace: string, name: string, options: DeploymentOptions = {}): object {
  const labels = { app: options.selector ?? name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: inNamespace },
    spec: {
      replicas: options.replicas ?? 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'registry.example/app:1' }], ...options.podSpec },
      },
    },
  };
}

/** A Deployment whose pods no node takes: it never becomes ready. */
export function unschedulable(inNamespace: string, name: string): object {
  return deployment(inNamespace, name, { podSpec: { nodeSelector: { 'example.com/nowhere': 'true' } } });
}

export function service(inNamespace: string, name: string, app: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: inNamespace },
    spec: { selector: { app }, ports: [{ port: 80 }] },
  };
}

/** A definition without status, and so custom resources that are ready once they are stored. */
export function definition(group: string, kind: string): object {
  const plural = `${kind.toLowerCase()}s`;
  const openAPIV3Schema = {
    type: 'object',
    properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

/** `type` is `Kind.group`. */
export function customResource(type: string, inNamespace: string, name: string): object {
  const dot = type.indexOf('.');
  const [kind, group] = [type.slice(0, dot), type.slice(dot + 1)];
  return { apiVersion: `${group}/v1`, kind, metadata: { name, namespace: inNamespace }, spec: { size: 1 } };
}

/** Manifests as one text, as a person would upload them. */
export function manifests(...objects: readonly object[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}
