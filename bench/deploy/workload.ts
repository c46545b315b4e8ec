import { stringify } from 'yaml';
import type { JsonObject } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';

export const mixes = ['configmaps', 'realistic'] as const;

/** `configmaps`: a namespace full of ConfigMaps. `realistic`: applications with accounts, access, secrets and services. */
export type Mix = (typeof mixes)[number];

/** What a tool is to bring into the cluster and take out again. */
export type Workload = {
  readonly size: number;
  /** Also the name of the design, the release and the files. */
  readonly namespace: string;
  /** `size` objects; the namespace is the first of them unless it exists before. */
  readonly objects: readonly KubernetesObject[];
  readonly bringsNamespace: boolean;
  /** The objects as a YAML file of many documents. */
  readonly text: string;
};

/** Simulated pods take time of the control plane, which runs on the same machine. */
const deploymentsMax = 20;
const objectsPerApplication = 20;

export type WorkloadOptions = Omit<Workload, 'objects' | 'text'> & { readonly mix: Mix };

export function createWorkload({ mix, size, namespace, bringsNamespace }: WorkloadOptions): Workload {
  const make = mix === 'configmaps' ? configMap : applicationObject;
  const first = bringsNamespace ? [namespaceNamed(namespace)] : [];
  const others = Array.from({ length: size - first.length }, (_, index) => make(namespace, index));
  const objects = [...first, ...others];
  return { size, namespace, bringsNamespace, objects, text: objects.map((one) => stringify(one)).join('---\n') };
}

export function namespaceNamed(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function configMap(namespace: string, index: number): KubernetesObject {
  const application = Math.floor(index / objectsPerApplication);
  return object('v1', 'ConfigMap', {
    ...place(namespace, application, `settings-${index}`),
    body: {
      data: {
        LOG_LEVEL: index % 2 === 0 ? 'info' : 'warn',
        'application.properties': [
          `server.port=${8000 + (index % 1000)}`,
          `database.url=postgres://database-${application}.${namespace}.svc:5432/orders`,
          `cache.entries=${(index * 37) % 10_000}`,
          'feature.checkout=true',
          '',
        ].join('\n'),
      },
    },
  });
}

/** The object at a place in an application of 20: access and secrets first, a Deployment in the first applications. */
function applicationObject(namespace: string, index: number): KubernetesObject {
  const application = Math.floor(index / objectsPerApplication);
  const at = (name: string): Place => place(namespace, application, `${name}-${application}`);
  switch (index % objectsPerApplication) {
    case 0:
      return object('v1', 'ServiceAccount', at('account'));
    case 1:
      return role(at('reader'), application);
    case 2:
      return roleBinding(at('reader'), application);
    case 3:
      return object('v1', 'Secret', {
        ...at('access'),
        body: { stringData: { user: 'orders', password: `p-${index}` } },
      });
    case 4:
      return object('v1', 'Secret', { ...at('session'), body: { stringData: { key: `key-${index}` } } });
    case 5:
      return service(at('web'));
    case 6:
      return application < deploymentsMax ? deployment(at('web'), application) : configMap(namespace, index);
    case 7:
      return object('v1', 'ConfigMap', { ...at('web'), body: { data: { MODE: 'production' } } });
    default:
      return configMap(namespace, index);
  }
}

type Place = { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };

function place(namespace: string, application: number, name: string): Place {
  return { name, namespace, labels: { 'app.kubernetes.io/name': `app-${application}` } };
}

function object(
  apiVersion: string,
  kind: string,
  { body = {}, ...metadata }: Place & { readonly body?: JsonObject },
): KubernetesObject {
  return { apiVersion, kind, metadata, ...body };
}

const accessGroup = 'rbac.authorization.k8s.io';

function role(at: Place, application: number): KubernetesObject {
  const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: [`web-${application}`], verbs: ['get'] };
  return object(`${accessGroup}/v1`, 'Role', { ...at, body: { rules: [rule] } });
}

function roleBinding(at: Place, application: number): KubernetesObject {
  return object(`${accessGroup}/v1`, 'RoleBinding', {
    ...at,
    body: {
      roleRef: { apiGroup: accessGroup, kind: 'Role', name: at.name },
      subjects: [{ kind: 'ServiceAccount', name: `account-${application}`, namespace: at.namespace }],
    },
  });
}

function service(at: Place): KubernetesObject {
  const body = { spec: { selector: at.labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } };
  return object('v1', 'Service', { ...at, body });
}

function deployment(at: Place, application: number): KubernetesObject {
  const container = {
    name: 'web',
    image: 'registry.example/web:1.0',
    envFrom: [{ configMapRef: { name: `web-${application}` } }, { secretRef: { name: `access-${application}` } }],
    ports: [{ containerPort: 8080 }],
  };
  return object('apps/v1', 'Deployment', {
    ...at,
    body: {
      spec: {
        replicas: 1,
        selector: { matchLabels: at.labels },
        template: {
          metadata: { labels: at.labels },
          spec: { serviceAccountName: `account-${application}`, containers: [container] },
        },
      },
    },
  });
}
