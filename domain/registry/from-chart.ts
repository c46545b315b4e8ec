import { chartGroup } from '../chart-components.ts';
import { isJsonObject, type JsonObject, valueAt } from '../json.ts';
import type { ComponentDefinition } from './component-definition.ts';
import { categoryOf, type ModelHints } from './model-hints.ts';
import type { ConfigurationProfile } from './model-member.ts';
import { pascalCase, readableName, slugOf } from './readable-name.ts';
import type { RelationshipDefinition } from './relationship-definition.ts';
import { schemaOfValues } from './values-schema.ts';

/** What is needed of a Helm chart: https://helm.sh/docs/topics/charts/#the-chartyaml-file */
export type ChartDescription = {
  readonly name: string;
  readonly version: string;
  readonly appVersion?: string | undefined;
  readonly description?: string | undefined;
  readonly home?: string | undefined;
  readonly icon?: string | undefined;
  readonly keywords?: readonly string[] | undefined;
  readonly deprecated?: boolean | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly dependencies: readonly ChartDependency[];
  readonly values: JsonObject;
  readonly valuesSchema?: JsonObject | undefined;
};

export type ChartDependency = {
  readonly name: string;
  readonly version?: string | undefined;
  readonly repository?: string | undefined;
  readonly condition?: string | undefined;
};

export const chartApiVersion = `${chartGroup}/v1`;

/** `CertManagerChart`: the kind of the component that stands for a chart. */
export function chartKind(name: string): string {
  return `${pascalCase(name)}Chart`;
}

/** What a chart says of the model that is made of it. */
export function chartHints(chart: ChartDescription): ModelHints {
  const { home, icon, keywords, appVersion, deprecated } = chart;
  const said = { appVersion, home, icon, keywords, deprecated: deprecated === true ? true : undefined };
  const metadata = Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) => (isSaid(value) ? [[name, value]] : [])),
  );
  return {
    name: chart.name,
    version: chart.version,
    displayName: readableName(chart.name),
    description: chart.description,
    category: categoryOf(chart.annotations?.['artifacthub.io/category']),
    metadata,
  };
}

function isSaid<Value>(value: Value | undefined): value is Value {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** The component that deploys the chart: its `spec` holds the values. */
export function chartComponent(chart: ChartDescription): ComponentDefinition {
  const kind = chartKind(chart.name);
  const { $schema: _dialect, ...values } = chart.valuesSchema ?? schemaOfValues(chart.values);
  return {
    kind,
    apiVersion: chartApiVersion,
    displayName: `${readableName(chart.name)} Chart`.slice(0, 300),
    description: (chart.description ?? '').slice(0, 5_000),
    scope: 'namespaced',
    adapter: 'helm',
    schema: withLocalReferences({ type: 'object', properties: { spec: values } }),
    metadata: {
      chart: chart.name,
      version: chart.version,
      ...(chart.appVersion === undefined ? {} : { appVersion: chart.appVersion }),
    },
  };
}

/** References in the schema of the values begin at its top, which is a level deeper here. */
function withLocalReferences(schema: JsonObject): JsonObject {
  const move = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(move);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' ? inner.replace(/^#/, '#/properties/spec') : move(inner),
      ]),
    );
  };
  const moved = move(schema);
  return isJsonObject(moved) ? moved : schema;
}

/** Files with other values beside `values.yaml`: `ha` of `values-ha.yaml`; undefined for other files. */
export function profileOfFile(path: string): string | undefined {
  const name = /^(?:ci\/)?values[-.]([A-Za-z0-9._-]+)\.ya?ml$|^ci\/([A-Za-z0-9._-]+)-values\.ya?ml$/.exec(path);
  return name?.[1] ?? name?.[2];
}

/** A named set of values for the chart. */
export function chartProfile(chart: ChartDescription, name: string, values: JsonObject): ConfigurationProfile {
  const description = name === 'default' ? 'The values that hold where nothing else is said.' : '';
  return { name, description, component: `${chartKind(chart.name)}@${chartApiVersion}`, values };
}

/** What the chart brings along or needs, as the chart's description tells. */
export function chartRelationships(chart: ChartDescription): readonly RelationshipDefinition[] {
  const unique = new Map(chart.dependencies.map((dependency) => [dependency.name, dependency]));
  return [...unique.values()].map((dependency) => ({
    name: slugOf(`${chart.name}-depends-on-${dependency.name}`, 250),
    kind: 'hierarchical',
    type: 'parent',
    subType: 'dependency',
    description: `The chart ${chart.name} depends on the chart ${dependency.name}${dependency.version ? ` ${dependency.version}` : ''}.`,
    selectors: [
      {
        allow: {
          from: [{ kind: chartKind(dependency.name), apiVersion: chartApiVersion }],
          to: [{ kind: chartKind(chart.name), apiVersion: chartApiVersion }],
        },
      },
    ],
    // Helm renders what a chart depends on together with it.
    order: null,
    foundBy: { how: 'chartDependency', place: 'Chart.yaml' },
    metadata: dependencyMetadata(dependency),
  }));
}

function dependencyMetadata({ version, repository, condition }: ChartDependency): JsonObject {
  const said = Object.entries({ version, repository, condition }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
  return Object.fromEntries(said);
}

/** Values by which charts are told not to leave out the definitions of their kinds, and that are off by default. */
const crdSwitches: readonly (readonly string[])[] = [
  ['installCRDs'],
  ['installCrds'],
  ['crds', 'enabled'],
  ['crds', 'install'],
  ['crds', 'create'],
  ['crd', 'enabled'],
  ['crd', 'install'],
  ['crd', 'create'],
  ['customResourceDefinitions', 'create'],
];

/** Values with which the chart brings the definitions of its kinds as well; undefined where its defaults do. */
export function valuesWithCrds(values: JsonObject): JsonObject | undefined {
  const off = crdSwitches.filter((path) => valueAt(values, ...path) === false);
  // A newer switch stands beside the older one that it replaces; both at once are refused.
  const [first] = off.toSorted((one, other) => other.length - one.length);
  if (first === undefined) return undefined;
  return first.reduceRight<JsonObject>(
    (inner, name, index) => ({ [name]: index === first.length - 1 ? true : inner }),
    {},
  );
}
