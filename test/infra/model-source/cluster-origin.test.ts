import { expect, test } from 'vitest';
import { originOfCrd } from '../../../infra/model-source/cluster-origin.ts';

const crd = (metadata: { labels?: Record<string, string>; annotations?: Record<string, string> }) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'certificates.cert-manager.io', ...metadata },
});

test.each([
  ['the chart', { labels: { 'helm.sh/chart': 'cert-manager-v1.17.1' } }, 'cert-manager', 'v1.17.1'],
  [
    'the version of the application, where the chart has another',
    { labels: { 'helm.sh/chart': 'kube-prometheus-stack-70.4.1', 'app.kubernetes.io/version': 'v0.81.0' } },
    'kube-prometheus-stack',
    'v0.81.0',
  ],
  ['a version with build metadata', { labels: { 'helm.sh/chart': 'app-1.2.3_build.4' } }, 'app', '1.2.3+build.4'],
  ['the application that it is part of', { labels: { 'app.kubernetes.io/part-of': 'Argo CD' } }, 'argo-cd', ''],
  ['the package of an operator', { labels: { 'operators.coreos.com/prometheus.monitoring': '' } }, 'prometheus', ''],
  ['the release', { annotations: { 'meta.helm.sh/release-name': 'istio-base' } }, 'istio-base', ''],
  ['its API group, where nothing tells', {}, 'cert-manager-io', ''],
])('a definition belongs to %s', (_what, ...[metadata, name, version]) => {
  expect(originOfCrd(crd(metadata))).toMatchObject({ name, version });
});
