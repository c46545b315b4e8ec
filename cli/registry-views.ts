import type { DefinitionStatus } from '../domain/registry/model.ts';
import { formatAge } from './duration.ts';
import type { View } from './output/printer.ts';
import type { Colour } from './output/style.ts';
import { printable } from './output/text.ts';
import type { DraftSummary, RegisteredComponent, RegisteredModel, RegisteredRelationship } from './registry-schemas.ts';

/** How what the registry holds is shown by `-o table`, `-o wide` and `-o name`. */

const statusColours: Readonly<Record<DefinitionStatus, Colour>> = {
  enabled: 'green',
  disabled: 'red',
  ignored: 'gray',
  deprecated: 'yellow',
};

/** `cert-manager@v1.17.1`, and the revision where it is not the first. */
export function referenceOf({
  name,
  version,
  revision,
}: Pick<RegisteredModel, 'name' | 'version' | 'revision'>): string {
  return `${name}@${version}${revision > 1 ? `#${revision}` : ''}`;
}

export const modelView: View<RegisteredModel> = {
  noun: 'model',
  name: referenceOf,
  columns: [
    { title: 'NAME', value: (item) => item.name },
    { title: 'VERSION', value: (item) => item.version },
    { title: 'REVISION', value: (item) => String(item.revision) },
    { title: 'CATEGORY', value: (item) => item.category },
    { title: 'COMPONENTS', value: (item) => String(item.componentCount) },
    { title: 'RELATIONSHIPS', value: (item) => String(item.relationshipCount) },
    { title: 'STATUS', value: (item) => item.status, colour: (item) => statusColours[item.status] },
    { title: 'DEFINITION', value: (item) => item.definitionVersion, wide: true },
    { title: 'OPERATION', value: (item) => item.operationId, wide: true },
    { title: 'ID', value: (item) => item.id, wide: true },
    { title: 'AGE', value: (item, nowMs) => formatAge(item.publishedAt, nowMs) },
    { title: 'FROM', value: (item) => printable(`${item.registrant.kind} ${item.registrant.address}`.trim()) },
  ],
};

export const componentView: View<RegisteredComponent> = {
  noun: 'component',
  name: (item) => item.address,
  columns: [
    { title: 'KIND', value: (item) => item.kind },
    { title: 'API VERSION', value: (item) => item.apiVersion },
    { title: 'MODEL', value: (item) => referenceOf(item.model) },
    { title: 'SCOPE', value: (item) => item.scope ?? '' },
    { title: 'ADAPTER', value: (item) => item.adapter, wide: true },
    { title: 'STATUS', value: (item) => item.status, colour: (item) => statusColours[item.status] },
    { title: 'ID', value: (item) => String(item.id), wide: true },
    { title: 'DIGEST', value: (item) => item.digest, wide: true },
    { title: 'DESCRIPTION', value: (item) => printable(item.description) },
  ],
};

export const relationshipView: View<RegisteredRelationship> = {
  noun: 'relationship',
  name: (item) => item.address,
  columns: [
    { title: 'ID', value: (item) => String(item.id) },
    { title: 'NAME', value: (item) => item.name },
    { title: 'KIND', value: (item) => [item.kind, item.type, item.subType].filter((word) => word !== '').join('/') },
    { title: 'FROM', value: (item) => kindsText(item.fromKinds) },
    { title: 'TO', value: (item) => kindsText(item.toKinds) },
    { title: 'MODEL', value: (item) => referenceOf(item.model) },
    { title: 'FOUND BY', value: (item) => item.foundBy },
    { title: 'STATUS', value: (item) => item.status, colour: (item) => statusColours[item.status] },
    { title: 'DESCRIPTION', value: (item) => printable(item.description), wide: true },
  ],
};

export const draftView: View<DraftSummary> = {
  noun: 'draft',
  name: (item) => item.id,
  columns: [
    { title: 'ID', value: (item) => item.id },
    { title: 'NAME', value: (item) => item.name },
    { title: 'VERSION', value: (item) => item.version },
    { title: 'REVISION', value: (item) => String(item.revision) },
    { title: 'MEMBERS', value: (item) => String(item.memberCount) },
    { title: 'ACTOR', value: (item) => item.actor },
    { title: 'UPDATED', value: (item, nowMs) => `${formatAge(item.updatedAt, nowMs)} ago` },
  ],
};

/** The first kinds, and how many more there are. */
function kindsText(kinds: readonly string[]): string {
  const shown = kinds.slice(0, 3).join(',');
  return kinds.length > 3 ? `${shown},+${kinds.length - 3}` : shown;
}
