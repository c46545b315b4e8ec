import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createDesignReader } from '../../../infra/design-source/design-reader.ts';
import { realPrograms } from './converters.ts';

const folder = fileURLToPath(new URL('../../fixtures/designs/', import.meta.url));
const meshkit = 'meshery__meshkit/files/tests/samples';
const converter = 'meshery__meshkit/converter/tests/samples';
const patterns = 'service-mesh-patterns__service-mesh-patterns/samples';
const istio = 'meshery__meshery-istio';
const templates = 'meshery__schemas/schemas/constructs';

type Expected = {
  readonly file: string;
  readonly format: string;
  /** Absent where an error must refuse the design. */
  readonly components?: number;
  readonly codes?: readonly string[];
};

const designs: readonly Expected[] = [
  { file: `${meshkit}/valid_design.yml`, format: 'meshery', components: 2 },
  { file: `${meshkit}/valid-design-oci.tar`, format: 'meshery', components: 4 },
  { file: `${meshkit}/valid_manifest.yml`, format: 'manifests', codes: ['design.duplicateObject'] },
  {
    file: `${meshkit}/manifest-with-crds.yml`,
    format: 'manifests',
    codes: ['design.duplicateObject', 'object.clusterScoped'],
  },
  { file: `${meshkit}/valid-docker-compose.yml`, format: 'compose', components: 5, codes: ['design.plainSecret'] },
  { file: `${meshkit}/valid-helm.tgz`, format: 'manifests', codes: ['format.helmChart'] },
  { file: `${meshkit}/nested.tar.gz`, format: 'manifests', codes: ['yaml.syntax'] },
  { file: `${converter}/invalid-k8s.yaml`, format: 'meshery', components: 1, codes: ['object.unknownKind'] },
  {
    file: `${converter}/missing-name.yaml`,
    format: 'meshery',
    components: 0,
    codes: ['design.empty', 'design.unnamed'],
  },
  { file: `${converter}/missing-version.yaml`, format: 'meshery', components: 0, codes: ['design.empty'] },
  { file: `${converter}/no-components.yaml`, format: 'meshery', components: 0, codes: ['design.empty'] },
  {
    file: `${templates}/v1beta1/design/templates/design_template.json`,
    format: 'meshery',
    codes: ['meshery.componentsNotAList'],
  },
  {
    file: `${templates}/v1beta3/design/templates/design_template.json`,
    format: 'meshery',
    codes: ['design.unnamed', 'meshery.missingKind'],
  },
  {
    file: 'meshery__schemas/artifacthub/designs/kubernetes_basic/1.0.0/design.yml',
    format: 'pattern',
    components: 3,
    codes: ['meshery.annotations'],
  },
  {
    file: 'meshery__meshery.io/catalog/067737d5-1c7e-4135-b879-44cb4ed07876/0.0.1/design.yml',
    format: 'manifests',
    codes: ['text.conflictMarker'],
  },
  {
    file: 'meshery__meshery.io/catalog/1abccf09-dcb8-46e4-8cac-f9e33c27516d/design.yml',
    format: 'pattern',
    components: 1,
    codes: ['meshery.annotations'],
  },
  {
    file: 'meshery__meshery/models/accurate/v2.0.0/v1.0.0/components/SubNamespace.svgtrimmed.json',
    format: 'manifests',
    codes: ['format.mesheryDefinition'],
  },
  { file: `${istio}/github/install/deploy.yaml`, format: 'pattern', components: 1, codes: ['design.adapterMissing'] },
  {
    file: `${istio}/github/install/deploywithaddons.yaml`,
    format: 'pattern',
    components: 3,
    codes: ['design.adapterMissing'],
  },
  { file: `${istio}/github/install/deploywithsampleapp.yaml`, format: 'pattern', codes: ['meshery.unsupportedImport'] },
  { file: `${istio}/templates/bookinfo/gateway.yaml`, format: 'manifests', components: 2 },
  { file: `${istio}/templates/policies/denyall.yaml`, format: 'manifests', components: 1 },
  { file: `${istio}/templates/policies/mutual.yaml`, format: 'manifests', components: 1 },
  { file: `${istio}/templates/policies/strict.yaml`, format: 'manifests', components: 1 },
  {
    file: 'meshery__meshery-cilium/github/install/deploy.yaml',
    format: 'pattern',
    components: 1,
    codes: ['design.adapterMissing'],
  },
  { file: 'meshery__meshery-operator/config/crd/bases/meshery.io_brokers.yaml', format: 'manifests', components: 1 },
  { file: 'meshery__meshery-operator/config/crd/bases/meshery.io_meshsyncs.yaml', format: 'manifests', components: 1 },
  { file: 'meshery__meshery-operator/config/samples/meshery_v1alpha1_broker.yaml', format: 'manifests', components: 1 },
  {
    file: 'meshery__meshery-operator/config/samples/meshery_v1alpha1_meshsync.yaml',
    format: 'manifests',
    components: 1,
  },
  { file: 'meshery-extensions__meshery-mcp-server/github/samples/emojivoto.yaml', format: 'pattern', components: 10 },
  {
    file: 'meshery-extensions__meshery-mcp-server/github/samples/BookInfoForCatalogIstio.yaml',
    format: 'pattern',
    codes: ['design.adapterMissing', 'object.invalidName'],
  },
  {
    file: 'meshery-extensions__meshery-mcp-server/github/samples/robot-shop-1.1.0.tgz',
    format: 'manifests',
    codes: ['format.helmChart'],
  },
  { file: `${patterns}/Azure-monitor-containers.yaml`, format: 'pattern', components: 3 },
  {
    file: `${patterns}/Design-With-Validation-Errors.yaml`,
    format: 'pattern',
    components: 6,
    codes: ['meshery.annotations'],
  },
  {
    file: `${patterns}/Horizontal-Pod-Autoscaler.yaml`,
    format: 'pattern',
    components: 0,
    codes: ['design.empty', 'meshery.annotations'],
  },
  { file: `${patterns}/Thanos-Query-Design.yaml`, format: 'pattern', components: 1 },
  { file: `${patterns}/applications/bookinfo/k8s.yaml`, format: 'manifests', components: 14 },
  { file: `${patterns}/applications/bookinfo/pattern.yaml`, format: 'pattern', components: 14 },
  { file: `${patterns}/applications/emojivoto/pattern.yaml`, format: 'pattern', components: 10 },
  { file: `${patterns}/applications/httpbin/pattern.yaml`, format: 'pattern', components: 3 },
  { file: `${patterns}/meshmaps/namespace.yaml`, format: 'pattern', codes: ['object.invalidName'] },
  {
    file: `${patterns}/servicemeshcon-na-2021/bookinfowithcircuitbreaker.yaml`,
    format: 'pattern',
    codes: ['meshery.unknownType'],
  },
  { file: `${patterns}/servicemeshcon-na-2021/retries.yaml`, format: 'pattern', components: 1 },
];

const reader = createDesignReader({ programs: realPrograms });

async function readFixture(file: string) {
  return reader.readDesign({ bytes: await readFile(folder + file), fileName: basename(file) });
}

test.each(designs)('$file converts, or says why not', async ({ file, format, components, codes = [] }) => {
  const reading = await readFixture(file);
  expect(reading.format).toBe(format);
  expect(reading.design?.components.length).toBe(components);
  expect([...new Set(reading.findings.map((finding) => finding.code))].toSorted()).toEqual(codes);
  expect(reading.findings.filter((finding) => finding.severity === 'error' && finding.fix === undefined)).toEqual([]);
});

test('the objects of a pattern are the manifests that it was made from', async () => {
  const [pattern, manifests] = await Promise.all([
    readFixture(`${patterns}/applications/httpbin/pattern.yaml`),
    readFixture(`${patterns}/applications/bookinfo/k8s.yaml`),
  ]);
  expect(pattern.design?.components.map(({ name }) => name)).toEqual([
    'serviceaccount-httpbin',
    'deployment-httpbin',
    'service-httpbin',
  ]);
  expect(pattern.design?.components[2]?.object).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'httpbin', namespace: 'default', labels: { app: 'httpbin', service: 'httpbin' } },
    spec: { ports: [{ name: 'http', port: 8000, targetPort: 80 }], selector: { app: 'httpbin' } },
  });
  expect(manifests.design?.components[0]?.name).toBe('service-details');
});

test('readable keys become the keys of Kubernetes, and values stay', async () => {
  const { design } = await readFixture('meshery__meshery.io/catalog/1abccf09-dcb8-46e4-8cac-f9e33c27516d/design.yml');
  expect(design?.components[0]?.object['spec']).toMatchObject({
    selector: { matchLabels: { 'app.kubernetes.io/name': 'ack-rds-controller' } },
    template: {
      spec: {
        serviceAccountName: 'ack-rds-controller',
        containers: [
          {
            imagePullPolicy: 'IfNotPresent',
            livenessProbe: { httpGet: { path: '/healthz', port: 8081 }, initialDelaySeconds: 15 },
          },
        ],
      },
    },
  });
});

test('what only an adapter can bring is routed to it with its order', async () => {
  const { design } = await readFixture(`${istio}/github/install/deploywithaddons.yaml`);
  const grafana = design?.components.find(({ name }) => name === 'grafanaistioaddon-grafana');
  expect(grafana).toMatchObject({
    adapter: 'istio',
    dependsOn: [
      { component: 'istiomesh-istio', state: 'ready' },
      { component: 'prometheusistioaddon-prometheus', state: 'ready' },
    ],
  });
});

test('a namespace that Meshery gives to what has none is left out', async () => {
  const { design } = await readFixture('meshery__schemas/artifacthub/designs/kubernetes_basic/1.0.0/design.yml');
  expect(design?.components.map(({ object }) => object.metadata)).toEqual([
    { name: 'helloah' },
    { name: 'pod-dd', namespace: 'helloah' },
    { name: 'service-rk', namespace: 'helloah' },
  ]);
  expect(design?.components[1]?.dependsOn).toEqual([{ component: 'namespace-helloah', state: 'ready' }]);
});
