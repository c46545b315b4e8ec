import { expect, test } from 'vitest';
import { externalReferences } from '../../domain/plan/external-references.ts';
import { designOf } from './plan/manifests.ts';
import { certManager } from './plan/operator-manifests.ts';

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec:
      serviceAccountName: web
      priorityClassName: important
      containers:
        - name: web
          envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: extra, optional: true } }]
      volumes:
        - { name: settings, configMap: { name: settings, optional: true } }
        - { name: roots, configMap: { name: kube-root-ca.crt } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: shop }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: web, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ kind: ServiceAccount, name: web, namespace: shop }]
`;

test('what a design needs of the cluster is told once for each object, with every place that names it', () => {
  const found = externalReferences(designOf(web));
  expect(found.map(({ key, optional }) => [key, optional])).toEqual([
    ['/ConfigMap/shop/settings', false],
    ['/Namespace//shop', false],
    ['/Secret/shop/extra', true],
    ['rbac.authorization.k8s.io/ClusterRole//view', false],
    ['scheduling.k8s.io/PriorityClass//important', false],
  ]);
  expect(found[0]?.uses).toEqual([
    {
      component: 'deployment.shop.web',
      subject: 'Deployment shop/web',
      path: 'spec.template.spec.volumes[0].configMap.name',
      verb: 'mounts',
      optional: true,
    },
    {
      component: 'deployment.shop.web',
      subject: 'Deployment shop/web',
      path: 'spec.template.spec.containers[0].envFrom[0].configMapRef.name',
      verb: 'reads its environment from',
      optional: false,
    },
  ]);
});

test('a Secret that a Certificate of the design makes is not asked of the cluster', () => {
  const kinds = externalReferences(designOf(certManager)).map(({ key }) => key);
  expect(kinds).not.toContain('/Secret/shop/web-tls');
  expect(kinds).toContain('/Namespace//shop');
});

test('the default account of a namespace and the claims of templates are not asked of the cluster', () => {
  const found = externalReferences(
    designOf(`
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop }
spec:
  serviceName: db
  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: db }] } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { storageClassName: fast } }]
`),
  );
  expect(found.map(({ key, optional }) => [key, optional])).toEqual([
    ['/Service/shop/db', true],
    ['storage.k8s.io/StorageClass//fast', false],
  ]);
});
