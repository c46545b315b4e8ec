import { objectAt, type JsonObject } from '../json.ts';
import type { StatusSchema } from './status-schema.ts';
import type { ObservedObject } from './verdict.ts';

/** What is known beside the object itself. */
export type ReadinessContext = {
  /** `strict` waits for what people mean by ready; `kstatus` answers exactly as kstatus does. */
  readonly mode: 'strict' | 'kstatus';
  readonly now: Date;
  /** What the CustomResourceDefinition of the object declares; absent when it is not known. */
  readonly statusSchema?: StatusSchema;
  /** For a PersistentVolumeClaim: the binding mode of its StorageClass. */
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
};

/** An object under judgement, its two halves at hand. */
export type Subject = {
  readonly object: ObservedObject;
  readonly spec: JsonObject;
  readonly status: JsonObject;
  readonly context: ReadinessContext;
};

export function subjectOf(object: ObservedObject, context: ReadinessContext): Subject {
  return { object, spec: objectAt(object, 'spec'), status: objectAt(object, 'status'), context };
}
