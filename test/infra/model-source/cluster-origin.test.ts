import { expect, test } from 'vitest';
import { originOfCrd } from '../../../infra/model-source/cluster-origin.ts';

const crd = (metadata: { labels?: Record<string, string>; annotations?: Record<string, string> }) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'certificates.cert-manager.io', ...metadata },
});

test.each([
  [
    'the chart',
    { metadata: { labels: { 'helm.sh/chart': 'cert-manager-v1.17.1' } }, name: 'cert-manager', version: 'v1.17.1' },
  ],
  [
    'the version of the application, where the chart has another',
    {
      metadata: { labels: { 'helm.sh/chart': 'kube-prometheus-stack-70.4.1', 'app.kubernetes.io/version': 'v0.81.0' } },
      name: 'kube-prometheus-stack',
      version: 'v0.81.0',
    },
  ],
  [
    'a version with build metadata',
    { metadata: { labels: { 'helm.sh/chart': 'app-1.2.3_build.4' } }, name: 'app', version: '1.2.3+build.4' },
  ],
  [
    'the application that it is part of',
    { metadata: { labels: { 'app.kubernetes.io/part-of': 'Argo CD' } }, name: 'argo-cd', version: '' },
  ],
  [
    'the package of an operator',
    { metadata: { labels: { 'operators.coreos.com/prometheus.monitoring': '' } }, name: 'prometheus', version: '' },
  ],
  [
    'the release',
    { metadata: { annotations: { 'meta.helm.sh/release-name': 'istio-base' } }, name: 'istio-base', version: '' },
  ],
  ['its API group, where nothing tells', { metadata: {}, name: 'cert-manager-io', version: '' }],
])('a definition belongs to %s', (_what, { metadata, name, version }) => {
  expect(originOfCrd(crd(metadata))).toMatchObject({ name, version });
});
