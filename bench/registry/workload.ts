import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, stringAt } from '../../domain/json.ts';
import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import type { ModelHead } from '../../domain/registry/model-member.ts';
import { modelCategories } from '../../domain/registry/model.ts';

/** A model with as many components as real ones have. */
export type BenchModel = { readonly head: ModelHead; readonly components: readonly ComponentDefinition[] };

export const componentsPerModel = 50;

const fixtures = new URL('../../test/fixtures/registry/', import.meta.url);

/** Published definitions of Istio and of the Gateway API: their schemas are what schemas in a registry are like. */
const published = [
  'authorizationpolicy',
  'destinationrule',
  'envoyfilter',
  'gateway',
  'peerauthentication',
  'requestauthentication',
  'serviceentry',
  'sidecar',
  'telemetry',
  'wasmplugin',
  'workloadentry',
  'workloadgroup',
].map((name) => `meshery__meshery-istio/meshmodel/components/1.25.0/${name}.Istio.meshery.layer5.io_meshmodel.json`);

const schemas = published.map(readSchema);

const firstWords =
  words(`Access Agent Alert Application Audit Authorization Backup Base Batch Bucket Build Cache Certificate
  Channel Cloud Cluster Compute Config Connection Container Cost Custom Data Database Delivery Deployment Device Discovery Disk
  Domain Edge Egress Elastic Endpoint Envoy Event External Federated Feature File Filter Firewall Flow Function Gateway Global
  Grafana Group HTTP Health Host IAM Image Inference Ingress Instance Job Kafka Key Lambda Lease Load Local Log Machine Managed
  Metric Mirror Model Monitor Namespace Network Node Notification Object Operator Peer Persistent Pipeline Placement Pod Pool
  Postgres Private Project Prometheus Provider Proxy Public Pull Queue Quota Rate Record Redis Region Release Remote Replica
  Request Resource Restore Role Rollout Route Router Runtime SQL Scheduled Secret Security Server Service Session Shared Site
  Snapshot Source Stack Storage Stream Subnet Sync TCP TLS Target Task Template Tenant Topic Trace Traffic Trigger Trust User
  VPC Vault Version Virtual Volume Wasm Web Workload Workspace Zone`);

const lastWords =
  words(`Account Association Attachment Authority Backend Binding Budget Catalog Claim Class Definition Entry Export
  Gateway Grant Group Import Issuer List Mapping Monitor Option Override Parameter Peering Policy Pool Profile Provider Record
  Registry Report Request Route Rule Schedule Scope Set Snapshot Source Spec Store Subscription Table Template Token Type`);

/** Any number of models: each a version of one of many names, no two components alike. */
export function benchModel(index: number): BenchModel {
  const software = Math.floor(index / 4);
  const first = pick(firstWords, software);
  const name = `${first}-${pick(lastWords, software * 7)}-${software}`.toLowerCase();
  return {
    head: {
      definitionVersion: 'v1.0.0',
      model: {
        name,
        version: `v1.${index % 4}.0`,
        displayName: `${first} ${pick(lastWords, software * 7)}`,
        description: `Kinds of ${first} for tests of speed`,
        category: pick(modelCategories, software),
        subCategory: '',
        metadata: {},
      },
    },
    components: Array.from({ length: componentsPerModel }, (_, position) => benchComponent(index, position)),
  };
}

function benchComponent(index: number, position: number): ComponentDefinition {
  const software = Math.floor(index / 4);
  const seed = software * componentsPerModel + position;
  const kind = [pick(firstWords, seed), pick(firstWords, seed * 31), pick(lastWords, seed * 17)].join('');
  const schema = pick(schemas, seed);
  return {
    kind: `${kind}${position}`,
    apiVersion: `${pick(firstWords, software).toLowerCase()}${software}.example.io/v1`,
    displayName: kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '),
    description: `Configures the ${pick(lastWords, seed * 13).toLowerCase()} of a ${pick(firstWords, seed * 11).toLowerCase()}.`,
    scope: 'namespaced',
    adapter: 'kubernetes',
    schema: { ...schema, title: `${kind} ${index}` },
    metadata: {},
  };
}

function readSchema(file: string): JsonObject {
  const definition: unknown = JSON.parse(readFileSync(new URL(file, fixtures), 'utf8'));
  const schema: unknown = JSON.parse(stringAt(definition, 'schema') ?? '{}');
  if (!isJsonObject(schema) || Object.keys(schema).length === 0) throw new Error(`${file} has no schema`);
  return schema;
}

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[(index * 7919) % values.length];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
}
