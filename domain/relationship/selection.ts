import { componentKey } from '../registry/component-definition.ts';
import type { ComponentKind } from '../registry/component-definition.ts';
import type { ModelReference } from '../registry/model.ts';
import type { RelationshipSelector } from '../registry/relationship-definition.ts';
import type { Subject } from './subject.ts';

/** A kind, and a model of the registry that brings it. */
export type KnownDefinition = ComponentKind & { readonly model: ModelReference };

/** Whether a selector of a relationship selects a component. */
export type Selection = (selector: RelationshipSelector, subject: Subject) => boolean;

/**
 * Selection by kind, API version and model; `*` in a version stands for any text. A component that names no model is told by
 * the models that bring its kind, and fits every model where none is known.
 */
export function createSelection(definitions: readonly KnownDefinition[]): Selection {
  const models = Map.groupBy(definitions, componentKey);
  const modelsOf = ({ component }: Subject): readonly { readonly name: string; readonly version?: string }[] => {
    const { model, object } = component;
    if (model === undefined) return (models.get(componentKey(object)) ?? []).map((definition) => definition.model);
    return [{ name: model.name, ...(model.version === undefined ? {} : { version: model.version }) }];
  };
  return ({ kind, apiVersion, model }, subject) => {
    if (kind !== '*' && kind !== subject.kind) return false;
    if (apiVersion !== undefined && !fits(apiVersion, subject.component.object.apiVersion)) return false;
    if (model === undefined || model.name === '*') return true;
    const candidates = modelsOf(subject);
    return candidates.length === 0 || candidates.some((candidate) => isModel(model, candidate));
  };
}

type WantedModel = NonNullable<RelationshipSelector['model']>;

function isModel(
  wanted: WantedModel,
  { name, version }: { readonly name: string; readonly version?: string },
): boolean {
  if (!fits(wanted.name, name)) return false;
  return isAny(wanted.version) || version === undefined || fits(wanted.version, version);
}

function isAny(version: string | undefined): version is undefined {
  return version === undefined || version === '' || version === '*';
}

/** `v1.*` takes `v1.17.1`. */
function fits(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
