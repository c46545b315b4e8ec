import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { GraphRun, type GraphRunOptions } from './graph-run.ts';
import { LiveObjects } from './live-objects.ts';

export type ClusterRunOptions = GraphRunOptions & {
  readonly client: ClusterClient;
  readonly deploymentId: string;
  readonly onObject?: (object: KubernetesObject) => void;
  readonly onDeleted?: (object: KubernetesObject) => void;
};

export type ClusterRun = {
  readonly graph: GraphRun;
  readonly live: LiveObjects;
  /** Works through the plan, then ends the watches. Throws as `GraphRun.run` does. */
  readonly run: () => Promise<void>;
};

/** A plan that is worked through while the deployment's objects are watched. */
export function openClusterRun({
  client,
  deploymentId,
  onObject,
  onDeleted,
  ...options
}: ClusterRunOptions): ClusterRun {
  const graph = new GraphRun(options);
  const live = new LiveObjects({
    client,
    deploymentId,
    signal: graph.requestSignal,
    onFailure: (error) => graph.abort(error),
    ...(onObject === undefined ? {} : { onObject }),
    ...(onDeleted === undefined ? {} : { onDeleted }),
  });
  const run = async (): Promise<void> => {
    try {
      await graph.run();
    } finally {
      await live.close();
    }
  };
  return { graph, live, run };
}
