import { arrayAt, isJsonObject, stringAt, valueAt } from '../json.ts';
import { groupOf } from '../kubernetes-object.ts';
import { softEdge, type CandidateEdge } from './candidate-edge.ts';
import { describe, type DesignIndex } from './design-index.ts';
import { isBuiltIn } from './kind-rank.ts';
import type { PlannedObject } from './planned-object.ts';

/** What a value somewhere in a custom resource seems to name. */
type Mention = {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly group: string | undefined;
};

/** Deeper values are not searched; no API in the field nests its references that far. */
const deepest = 24;

/**
 * Custom resources come after what they refer to in the ways of the field: `{kind, name}`, and fields named after a
 * kind, such as `issuerRef`, `secretKeyRef` or `gatewayRefs`, with `{name}` or a plain name. Objects come after their owners.
 */
export function customReferenceEdges(index: DesignIndex): readonly CandidateEdge[] {
  return index.objects.flatMap((object) => {
    const mentions = isBuiltIn(object) ? [] : mentionsIn(valueAt(object.object, 'spec'), '', 0);
    return [
      ...mentions.flatMap((mention) => mentioned(index, object, mention).map((target) => mentionEdge(target, object))),
      ...ownersOf(index, object).map((owner) => ownerEdge(owner, object)),
    ];
  });
}

function mentionsIn(value: unknown, field: string, depth: number): readonly Mention[] {
  if (depth > deepest) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => mentionsIn(item, field, depth + 1));
  if (typeof value === 'string') return plainMention(value, field);
  if (!isJsonObject(value)) return [];
  const inner = Object.entries(value).flatMap(([name, child]) => mentionsIn(child, name, depth + 1));
  const name = stringAt(value, 'name');
  const kind = stringAt(value, 'kind') ?? kindNamedBy(field);
  if (name === undefined || kind === undefined) return inner;
  const group = stringAt(value, 'group') ?? stringAt(value, 'apiGroup') ?? groupIn(stringAt(value, 'apiVersion'));
  return [...inner, { kind, name, namespace: stringAt(value, 'namespace'), group }];
}

/** `gateway: istio-system/public`, `serviceName: web`. */
function plainMention(text: string, field: string): readonly Mention[] {
  const kind = kindNamedBy(field) ?? /^(.+)Name$/.exec(field)?.[1] ?? field.replace(/s$/, '');
  if (!/^[a-z0-9][-a-z0-9./]{0,252}$/.test(text) || !plainKinds.has(kind.toLowerCase())) return [];
  const [first = '', second] = text.split('/');
  return [{ kind, name: second ?? first, namespace: second === undefined ? undefined : first, group: undefined }];
}

/** Kinds that custom resources name by a plain string. */
const plainKinds: ReadonlySet<string> = new Set(['gateway', 'configmap', 'service', 'serviceaccount', 'storageclass']);

/** `issuer` of `issuerRef`, `secret` of `secretKeyRef` and `tokenSecretRef`. */
function kindNamedBy(field: string): string | undefined {
  const stem = /^(.+?)(?:Key)?(?:Refs?|References?)$/.exec(field)?.[1];
  if (stem === undefined) return undefined;
  const common = /(secret|configMap|serviceAccount)$/i.exec(stem)?.[1];
  return common ?? stem;
}

function groupIn(apiVersion: string | undefined): string | undefined {
  return apiVersion === undefined ? undefined : groupOf(apiVersion);
}

function mentioned(index: DesignIndex, from: PlannedObject, mention: Mention): readonly PlannedObject[] {
  const candidates = index.byKindAndName.get(`${mention.kind.toLowerCase()}/${mention.name}`) ?? [];
  const namespace = mention.namespace ?? from.namespace;
  return candidates.filter(
    (candidate) =>
      (candidate.namespace === undefined || namespace === undefined || candidate.namespace === namespace) &&
      (mention.group === undefined || candidate.group === mention.group),
  );
}

function mentionEdge(target: PlannedObject, from: PlannedObject): CandidateEdge {
  const reason = `${describe(from)} refers to ${describe(target)}`;
  return softEdge({ prerequisite: target.key, dependent: from.key, needs: 'exists', reason }, 'customReference');
}

function ownersOf(index: DesignIndex, { object, namespace }: PlannedObject): readonly PlannedObject[] {
  return arrayAt(valueAt(object, 'metadata'), 'ownerReferences').flatMap((owner) => {
    const group = groupIn(stringAt(owner, 'apiVersion')) ?? '';
    const name = `${group}/${stringAt(owner, 'kind') ?? ''}`;
    const keys = [namespace ?? '', ''].map((scope) => `${name}/${scope}/${stringAt(owner, 'name') ?? ''}`);
    const found = keys.map((key) => index.byKey.get(key)).find((candidate) => candidate !== undefined);
    return found === undefined ? [] : [found];
  });
}

function ownerEdge(owner: PlannedObject, owned: PlannedObject): CandidateEdge {
  const reason = `${describe(owner)} owns ${describe(owned)}`;
  return softEdge({ prerequisite: owner.key, dependent: owned.key, needs: 'exists', reason }, 'customReference');
}
