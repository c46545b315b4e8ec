/** The Prometheus operator as its bundle lays it out, cut to what orders it, and one Prometheus. */
export const prometheusOperator = `
apiVersion: v1
kind: Namespace
metadata: { name: monitoring }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: prometheuses.monitoring.coreos.com }
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: { kind: Prometheus, plural: prometheuses }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: prometheus-operator, namespace: monitoring }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: prometheus-operator }
rules:
  - apiGroups: [monitoring.coreos.com]
    resources: [alertmanagers, prometheuses, prometheuses/finalizers, prometheuses/status, servicemonitors]
    verbs: ['*']
  - { apiGroups: [apps], resources: [statefulsets], verbs: ['*'] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: prometheus-operator }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus-operator }
subjects: [{ kind: ServiceAccount, name: prometheus-operator, namespace: monitoring }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: prometheus-operator, namespace: monitoring }
spec:
  selector: { matchLabels: { app: prometheus-operator } }
  template:
    metadata: { labels: { app: prometheus-operator } }
    spec: { serviceAccountName: prometheus-operator, containers: [{ name: prometheus-operator }] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: dashboard }
rules: [{ apiGroups: ['*'], resources: ['*'], verbs: [get, list, watch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: dashboard }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: dashboard }
subjects: [{ kind: ServiceAccount, name: dashboard, namespace: monitoring }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: dashboard, namespace: monitoring }
spec:
  selector: { matchLabels: { app: dashboard } }
  template:
    metadata: { labels: { app: dashboard } }
    spec: { serviceAccountName: dashboard, containers: [{ name: dashboard }] }
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: { name: main, namespace: monitoring }
spec: { replicas: 2 }
`;

const chartLabels = '{ helm.sh/chart: cert-manager-v1.18.2, app.kubernetes.io/instance: cert-manager }';

const certManagerDefinition = (kind: string, plural: string) => `
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.cert-manager.io, labels: ${chartLabels} }
spec: { group: cert-manager.io, scope: Namespaced, names: { kind: ${kind}, plural: ${plural} } }`;

const certManagerWorkload = (name: string) => `
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: cert-manager, labels: ${chartLabels} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: ${name} }] }`;

/** cert-manager as its chart renders it, cut to what orders it, with an Issuer, a Certificate and a user of its Secret. */
export const certManager = `
apiVersion: v1
kind: Namespace
metadata: { name: cert-manager }
${certManagerDefinition('Certificate', 'certificates')}
${certManagerDefinition('Issuer', 'issuers')}
${certManagerWorkload('cert-manager')}
${certManagerWorkload('cert-manager-webhook')}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: cert-manager-controller, labels: ${chartLabels} }
rules:
  - { apiGroups: [cert-manager.io], resources: [certificates, issuers], verbs: [get, list, watch] }
  - { apiGroups: [cert-manager.io], resources: [certificates/status, issuers/status], verbs: [update, patch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: cert-manager-controller, labels: ${chartLabels} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cert-manager-controller }
subjects: [{ kind: ServiceAccount, name: cert-manager, namespace: cert-manager }]
---
apiVersion: v1
kind: Service
metadata: { name: cert-manager-webhook, namespace: cert-manager }
spec: { selector: { app: cert-manager-webhook }, ports: [{ port: 443 }] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: cert-manager-webhook
  annotations: { cert-manager.io/inject-ca-from-secret: cert-manager/cert-manager-webhook-ca }
webhooks:
  - name: webhook.cert-manager.io
    failurePolicy: Fail
    clientConfig: { service: { name: cert-manager-webhook, namespace: cert-manager, path: /validate } }
    rules: [{ apiGroups: [cert-manager.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: ['*/*'] }]
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: { name: internal, namespace: shop }
spec: { selfSigned: {} }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: web, namespace: shop }
spec: { secretName: web-tls, issuerRef: { name: internal, kind: Issuer }, dnsNames: [web.shop.svc] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web }], volumes: [{ name: tls, secret: { secretName: web-tls } }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec: { tls: [{ secretName: web-tls }] }
`;
