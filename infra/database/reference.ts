import type { ObjectReference } from '../../domain/kubernetes-object.ts';

/** The reference out of the columns that hold it: a cluster-scoped object has no namespace at all, not a null one. */
export function toReference({
  apiVersion,
  kind,
  namespace,
  name,
}: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
}): ObjectReference {
  return { apiVersion, kind, name, ...(namespace === null ? {} : { namespace }) };
}
