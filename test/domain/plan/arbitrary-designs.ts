import * as fc from 'fast-check';
import type { Component } from '../../../domain/design.ts';
import { objectKey, referenceOf, type KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { componentOf } from './manifests.ts';

const namespaces = ['red', 'green'];
const names = ['a', 'b', 'c', 'd'];

type Seed = { readonly kind: number; readonly namespace: string; readonly name: string; readonly other: string };

const pods = (name: string, other: string) => ({
  template: {
    metadata: { labels: { app: name } },
    spec: {
      serviceAccountName: other,
      containers: [{ name, envFrom: [{ configMapRef: { name: other } }, { secretRef: { name, optional: true } }] }],
    },
  },
});

type Recipe = { readonly apiVersion: string; readonly kind: string; readonly clusterScoped?: true };
type Fields = (seed: Seed) => Readonly<Record<string, KubernetesObject[string]>>;

const service = ({ namespace, other }: Seed) => ({ service: { namespace, name: other } });

/** In an order that no hard edge goes against: a component may depend on one of a kind further up. */
const recipes: readonly (Recipe & { readonly fields: Fields })[] = [
  { apiVersion: 'v1', kind: 'Namespace', clusterScoped: true, fields: () => ({}) },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    clusterScoped: true,
    fields: (seed) => ({
      spec: {
        group: 'example.com',
        names: { kind: `Kind${seed.name}`, plural: `kind${seed.name}s` },
        conversion: { webhook: { clientConfig: service(seed) } },
      },
    }),
  },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', fields: () => ({ spec: { podSelector: {} } }) },
  { apiVersion: 'v1', kind: 'ServiceAccount', fields: ({ other }) => ({ secrets: [{ name: other }] }) },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    clusterScoped: true,
    fields: ({ other }) => ({
      rules: [{ apiGroups: ['example.com'], resources: [`kind${other}s`, `kind${other}s/status`], verbs: ['*'] }],
    }),
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    clusterScoped: true,
    fields: ({ name, namespace, other }) => ({
      roleRef: { kind: 'ClusterRole', name: other },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }),
  },
  { apiVersion: 'v1', kind: 'ConfigMap', fields: () => ({}) },
  { apiVersion: 'v1', kind: 'Secret', fields: () => ({}) },
  { apiVersion: 'v1', kind: 'Service', fields: ({ other }) => ({ spec: { selector: { app: other } } }) },
  { apiVersion: 'apps/v1', kind: 'Deployment', fields: ({ name, other }) => ({ spec: pods(name, other) }) },
  { apiVersion: 'batch/v1', kind: 'Job', fields: ({ name, other }) => ({ spec: pods(name, other) }) },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    fields: ({ other }) => ({ spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: other } } }),
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    clusterScoped: true,
    fields: (seed) => ({
      webhooks: [
        {
          clientConfig: service(seed),
          rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': seed.namespace } },
        },
      ],
    }),
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    fields: ({ name, other }) => ({
      spec: { defaultBackend: { service: { name: other } }, tls: [{ secretName: `${name}-tls` }] },
    }),
  },
  {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    fields: ({ name, other }) => ({ spec: { secretName: name, issuerRef: { kind: 'Kinda', name: other } } }),
  },
  {
    apiVersion: 'example.com/v1',
    kind: 'Kinda',
    fields: ({ other }) => ({ spec: { secretRef: { name: other }, nextRef: { kind: 'Kindb', name: other } } }),
  },
  {
    apiVersion: 'example.com/v1',
    kind: 'Kindb',
    fields: ({ other }) => ({ spec: { backRef: { kind: 'Kinda', name: other } } }),
  },
];

const seedArbitrary = fc.record({
  kind: fc.nat({ max: recipes.length - 1 }),
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom(...names),
  other: fc.constantFrom(...names),
});

function objectOf(seed: Seed): KubernetesObject {
  const { apiVersion, kind, clusterScoped, fields } = recipes[seed.kind] ?? { ...recipes[0], fields: () => ({}) };
  const isNamespace = kind === 'Namespace';
  const metadata = {
    name: isNamespace ? seed.namespace : seed.name,
    ...(clusterScoped === true ? {} : { namespace: seed.namespace }),
  };
  return { apiVersion: apiVersion ?? 'v1', kind: kind ?? 'ConfigMap', metadata, ...fields(seed) };
}

/** Designs whose objects refer to one another in every way that the rules know, with soft cycles but no hard ones. */
export const designs: fc.Arbitrary<readonly Component[]> = fc
  .uniqueArray(fc.record({ seed: seedArbitrary, dependsOn: fc.array(fc.nat(), { maxLength: 1 }) }), {
    selector: ({ seed }) => objectKey(referenceOf(objectOf(seed))),
    maxLength: 40,
  })
  .map((entries) => {
    const ordered = entries.toSorted((a, b) => a.seed.kind - b.seed.kind);
    const plain = ordered.map(({ seed }) => componentOf(objectOf(seed)));
    return plain.map((component, position) => {
      const wanted = ordered[position]?.dependsOn ?? [];
      const targets = wanted.flatMap((pick) => (position === 0 ? [] : (plain[pick % position]?.name ?? [])));
      return { ...component, dependsOn: targets.map((target) => ({ component: target, state: 'ready' as const })) };
    });
  });
