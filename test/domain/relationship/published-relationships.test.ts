import { expect, test } from 'vitest';
import { evaluate, linesOf, objectOf, published } from './relationships.ts';

const secretToIssuer = published(
  'cert-manager/v1.16.0/v1.0.0/relationships/hierarchical-parent-inventory-from-secret-to-issuer.json',
);
const permission = published('kubernetes/v1.32.0-alpha.3/v1.0.0/relationships/edge-binding-permission-hilyz.json');

const issuer = (spec: string) => `
apiVersion: v1
kind: Secret
metadata: { name: ca-key, namespace: shop }
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: { name: ca, namespace: shop, annotations: { after: secret-ca-key } }
spec: ${spec}
`;

test("cert-manager's inventory of Secrets puts the Secret before the Issuer that names it", () => {
  const { edges } = evaluate(issuer('{ ca: { secretName: ca-key } }'), [secretToIssuer]);
  expect(edges).toMatchObject([
    { from: 'secret-ca-key', to: 'issuer-ca', why: 'Issuer shop/ca uses Secret shop/ca-key', order: { first: 'from' } },
  ]);
});

test("cert-manager's inventory of Secrets fills the name that the Issuer leaves out", () => {
  const { components, changes } = evaluate(issuer('{ ca: {} }'), [secretToIssuer]);
  expect(changes).toHaveLength(1);
  expect(objectOf(components, 'issuer-ca')).toMatchObject({ spec: { ca: { secretName: 'ca-key' } } });
});

const access = (kind: string, role: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: { name: reader${kind === 'Role' ? ', namespace: shop' : ''} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}Binding
metadata: { name: readers${kind === 'Role' ? ', namespace: shop' : ''} }
roleRef: { kind: ${kind}, name: ${role} }
subjects: [{ kind: ServiceAccount, name: web, namespace: shop }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: shop }
`;

const lines = (kind: string, role: string) => linesOf(evaluate(access(kind, role), [permission]).edges);

test("Kubernetes' permission leads from a role through its binding to an account", () => {
  expect(lines('ClusterRole', 'reader')).toEqual([
    'clusterrole-reader -> serviceaccount-web via clusterrolebinding-readers',
  ]);
  expect(lines('Role', 'reader')).toEqual(['role-reader -> serviceaccount-web via rolebinding-readers']);
  expect(lines('Role', 'other')).toEqual([]);
});
