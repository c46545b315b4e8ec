import { patched, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { AdapterActivities } from '../activities/adapters/adapter.ts';
import type {
  DiscoveryActivities,
  GenerationActivities,
  GenerationBooks,
} from '../activities/generation/activities.ts';
import type { OperationActivities } from '../activities/operations.ts';
import { adapterTaskQueue, discoveryTaskQueue, generationTaskQueue } from '../domain/task-queue.ts';
import { bookkeeping, clusterWork, sourceWork } from './options.ts';

type Books = OperationActivities & GenerationBooks;

const localBooks = proxyLocalActivities<Books>(bookkeeping);
const remoteBooks = proxyActivities<Books>(bookkeeping);

/** Activities that keep the books of operations. A workflow that began before they were local goes on as it began. */
export function books(): Books {
  return patched('local-bookkeeping') ? localBooks : remoteBooks;
}

/** Waits for as long as other operations take. */
export const vigil = proxyActivities<Pick<OperationActivities, 'awaitOperations'>>(clusterWork);

/** Activities of the Kubernetes adapter, wherever a worker serves its task queue. */
export const kubernetes = proxyActivities<AdapterActivities>({
  ...clusterWork,
  taskQueue: adapterTaskQueue('kubernetes'),
});

/** Activities that read sources of models and send models away. */
export const generation = proxyActivities<GenerationActivities>({ ...sourceWork, taskQueue: generationTaskQueue });

/** Waits for what happens in clusters. */
export const discovery = proxyActivities<DiscoveryActivities>({ ...clusterWork, taskQueue: discoveryTaskQueue });
