import { SlipwayError } from '../../../domain/errors.ts';
import type { KubernetesObject, ObjectReference } from '../../../domain/kubernetes-object.ts';
import { deploymentLabel } from '../../../domain/ownership.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import type { ServedResource } from '../../../infra/kubernetes/resource.ts';

export type LiveObjectsOptions = {
  readonly client: ClusterClient;
  readonly deploymentId: string;
  readonly onObject?: (object: KubernetesObject) => void;
  readonly onDeleted?: (object: KubernetesObject) => void;
  /** A watch ended for good. */
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
};

/** Follows the objects of a deployment by watches on its label: one for each kind, opened when the kind is first needed. */
export class LiveObjects {
  readonly #options: LiveObjectsOptions;
  readonly #closing = new AbortController();
  readonly #opened = new Map<string, Promise<void>>();
  readonly #running: Promise<void>[] = [];

  constructor(options: LiveObjectsOptions) {
    this.#options = options;
  }

  /** Resolves when all changes of the kind are being told, from now on. */
  async follow({ apiVersion, kind, namespace }: ObjectReference): Promise<void> {
    const { client, signal } = this.#options;
    const resource = await client.discovery.requireResource({ apiVersion, kind }, { signal });
    try {
      await this.#open(resource, undefined);
    } catch (error) {
      const mayBeAllowedInOne = error instanceof SlipwayError && error.code === 'forbidden' && resource.namespaced;
      if (!mayBeAllowedInOne) throw error;
      await this.#open(resource, namespace);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  #open(resource: ServedResource, namespace: string | undefined): Promise<void> {
    const key = `${resource.apiVersion}/${resource.plural} ${namespace ?? ''}`;
    const known = this.#opened.get(key) ?? this.#watch(resource, namespace);
    this.#opened.set(key, known);
    return known;
  }

  #watch(resource: ServedResource, namespace: string | undefined): Promise<void> {
    const { client, deploymentId, signal } = this.#options;
    const synced = Promise.withResolvers<void>();
    const options = {
      namespace,
      labelSelector: `${deploymentLabel}=${deploymentId}`,
      signal: AbortSignal.any([signal, this.#closing.signal]),
    };
    const running = client
      .watch(resource, options, (event) => {
        if (event.type === 'synced') synced.resolve();
        else if (event.type === 'deleted') this.#options.onDeleted?.(event.object);
        else if ('object' in event) this.#options.onObject?.(event.object);
      })
      .catch((error: unknown) => {
        synced.reject(error);
        if (!isExpected(error)) this.#options.onFailure(error);
      });
    this.#running.push(running);
    synced.promise.catch(() => undefined);
    return synced.promise;
  }
}

/** A kind that may not be watched in all namespaces may be in one; one that is gone has no more objects. */
function isExpected(error: unknown): boolean {
  return error instanceof SlipwayError && (error.code === 'forbidden' || error.code === 'notFound');
}
