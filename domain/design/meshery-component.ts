import type { Component } from '../design.ts';
import type { Finding } from '../finding.ts';
import { isJsonObject, stringAt, type JsonObject, type JsonPath, type JsonValue } from '../json.ts';
import { asComponentName } from './component-names.ts';
import type { DraftComponent, DraftDependency, DraftDesign } from './draft.ts';
import { knownKindNamed, type KnownKind } from './known-kinds.ts';
import { meshApiVersion, meshKind, type MeshKind } from './meshery-adapters.ts';
import { fieldOf, keyOf, textOf } from './meshery-fields.ts';
import { presentFields } from './present-fields.ts';
import { withPlainKeys } from './meshery-keys.ts';
import { lookupIn, resolveReferences } from './meshery-references.ts';
import { findingAt, type SourceDocument, type SourcePlace } from './source-document.ts';

/** One component of a Meshery design: converted, or left out because it is only drawn. */
export type ConvertedComponent = {
  readonly draft?: DraftComponent;
  /** Names by which others may depend on it. */
  readonly aliases: readonly string[];
  readonly findings: readonly Finding[];
};

/** What both generations of Meshery designs say once, and their converted components together. */
export function toDraftDesign(document: SourceDocument, components: readonly ConvertedComponent[]): DraftDesign {
  const leftOut = components.filter(({ draft, findings }) => draft === undefined && findings.length === 0);
  const name = textOf(document.value, 'name');
  const description = textOf(document.value, 'description');
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description: description.slice(0, 1000) }),
    components: components.flatMap(({ draft }) => draft ?? []),
    leftOut: new Set(leftOut.flatMap(({ aliases }) => aliases)),
    findings: [
      ...(name === undefined ? [unnamed(document)] : []),
      ...(leftOut.length === 0 ? [] : [annotationsLeftOut(document, leftOut.length)]),
      ...components.flatMap(({ findings }) => findings),
    ],
  };
}

function unnamed(document: SourceDocument): Finding {
  return findingAt(
    { document, path: ['name'] },
    {
      severity: 'warning',
      code: 'design.unnamed',
      message: 'The design has no name; it is named after its file.',
      fix: 'Give it a name.',
    },
  );
}

function annotationsLeftOut(document: SourceDocument, count: number): Finding {
  return findingAt(
    { document, path: [] },
    {
      severity: 'note',
      code: 'meshery.annotations',
      message: `Left out ${count} component${count === 1 ? '' : 's'} that ${count === 1 ? 'is' : 'are'} only drawn: nothing of ${count === 1 ? 'it' : 'them'} is deployed.`,
    },
  );
}

/** The parts of a Meshery component, whatever its generation calls them. */
export type MesheryParts = {
  readonly place: SourcePlace;
  readonly kind: string;
  /** Absent where the design names a kind only. */
  readonly apiVersion?: string;
  readonly metadata: JsonObject;
  /** The manifest but for apiVersion, kind and metadata. */
  readonly body: JsonObject;
  readonly model?: Component['model'];
  readonly description?: string;
  readonly aliases: readonly string[];
  readonly dependsOn: readonly DraftDependency[];
  /** Where in the component a field of the object comes from. */
  readonly fieldPath: (path: JsonPath) => JsonPath;
};

/** A deployable component of a Meshery design as a draft. */
export function convertParts(parts: MesheryParts, root: JsonValue): ConvertedComponent {
  const { place, kind, aliases } = parts;
  const mesh = meshKind(kind);
  const known = knownKindNamed(kind);
  const apiVersion = parts.apiVersion ?? (mesh === undefined ? known?.apiVersion : meshApiVersion);
  if (mesh !== undefined && mesh.adapter === undefined) return { aliases, findings: [noAdapter(parts)] };
  if (apiVersion === undefined) return { aliases, findings: [unknownType(parts)] };
  const metadata = plainMetadata(meshMetadata(parts, mesh), known);
  const { value, findings, fieldPlace } = plainBody(parts, { ...parts.body, metadata }, root);
  const draft = presentFields({
    aliases,
    description: parts.description?.slice(0, 1000),
    adapter: mesh?.adapter,
    model: parts.model,
    dependsOn: parts.dependsOn,
    object: isJsonObject(value) ? { apiVersion, kind, ...value } : value,
    place,
    fieldPlace,
  });
  return { aliases, draft, findings };
}

/** The manifest's fields with references written out and keys as Kubernetes spells them. */
function plainBody({ place, fieldPath }: MesheryParts, body: JsonObject, root: JsonValue) {
  const resolved = resolveReferences(body, lookupIn(root));
  const { value, spacedValues } = withPlainKeys(resolved.value);
  const fieldPlace = (path: JsonPath): SourcePlace => ({ ...place, path: [...place.path, ...fieldPath(path)] });
  return {
    value,
    fieldPlace,
    findings: [
      ...resolved.unresolved.map(({ path, reference }) => unresolvedReference(fieldPlace(path), reference)),
      ...spacedValues.map((path) => spacedValue(fieldPlace(path))),
    ],
  };
}

/** A mesh is no object of a cluster: Meshery's rules for its name are not those of Kubernetes. */
function meshMetadata({ metadata }: MesheryParts, mesh: MeshKind | undefined): JsonObject {
  const name = stringAt(metadata, 'name');
  return mesh === undefined || name === undefined ? metadata : { ...metadata, name: asComponentName(name) };
}

/** Metadata without what Meshery writes for "none", and without a namespace where Meshery gives one to what has none. */
function plainMetadata(metadata: JsonObject, known: KnownKind | undefined): JsonObject {
  const kept = Object.entries(metadata).filter(([name, value]) => {
    if (name === 'namespace') return known?.namespaced !== false && typeof value === 'string' && value !== '';
    return value !== null && !(isJsonObject(value) && Object.keys(value).length === 0);
  });
  return Object.fromEntries(kept);
}

/** What the `dependsOn` of a component names: others by name, id, or a reference to one of these. */
export function dependenciesOf(holder: JsonValue, place: SourcePlace): readonly DraftDependency[] {
  const key = keyOf(holder, 'dependsOn') ?? 'dependsOn';
  const names = fieldOf(holder, 'dependsOn');
  if (!Array.isArray(names)) return [];
  return names.flatMap((name: JsonValue, index) =>
    typeof name === 'string' && name !== ''
      ? [
          {
            target: referredService(name),
            state: 'ready' as const,
            place: { ...place, path: [...place.path, key, index] },
          },
        ]
      : [],
  );
}

/** `web` of `$(#ref.services.web.id)`. */
function referredService(name: string): string {
  return /^\$\(#ref\.services\.(.+)\.(?:id|name)\)$/.exec(name)?.[1] ?? name;
}

function noAdapter({ kind, place }: MesheryParts): Finding {
  return findingAt(place, {
    severity: 'error',
    code: 'design.noAdapter',
    message: `${kind} stands for a whole mesh or one of its add-ons, and Slipway has no adapter for it.`,
    fix: "Give the mesh's own manifests instead.",
  });
}

function unknownType({ kind, place }: MesheryParts): Finding {
  return findingAt(place, {
    severity: 'error',
    code: 'meshery.unknownType',
    message: `The type ${kind} names no API version, and no well-known kind has that name.`,
    fix: kind === 'Application' ? 'Write it as a Deployment and a Service.' : 'Add the apiVersion of the kind.',
  });
}

function unresolvedReference(place: SourcePlace, reference: string): Finding {
  return findingAt(place, {
    severity: 'error',
    code: 'meshery.unresolvedReference',
    message: `The reference $(#ref.${reference}) leads to nothing in the design.`,
    fix: 'Correct the reference, or write the value.',
  });
}

function spacedValue(place: SourcePlace): Finding {
  return findingAt(place, {
    severity: 'warning',
    code: 'meshery.spacedValue',
    message: 'The value looks as if its words had been spaced out by mistake.',
    fix: 'Write it as one word, such as "IfNotPresent".',
  });
}
