import type { Finding } from '../finding.ts';
import { stringAt, type JsonObject, type JsonPath } from '../json.ts';
import { findingAt, type FindingText, type SourcePlace } from './source-document.ts';

/** An object as somebody wrote it, which can say where each of its fields stands. */
export type ObjectSource = {
  readonly value: JsonObject;
  /** How people name it, as far as its name is known: `Deployment shop/web`. */
  readonly subject: string;
  readonly fieldPlace: (path: JsonPath) => SourcePlace;
};

/** A finding about the field at `path` of an object. */
export function fieldFinding(source: ObjectSource, path: JsonPath, text: Omit<FindingText, 'subject'>): Finding {
  return findingAt(source.fieldPlace(path), { ...text, subject: source.subject });
}

/** How people name an object that may lack any part of its name. */
export function describeSource(value: unknown): string {
  const namespace = stringAt(value, 'metadata', 'namespace') ?? '';
  const name = stringAt(value, 'metadata', 'name') ?? '(no name)';
  return `${stringAt(value, 'kind') ?? '(no kind)'} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
