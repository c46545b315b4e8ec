import { proxyActivities } from '@temporalio/workflow';
import type { AdapterActivities } from '../activities/adapters/adapter.ts';
import type { OperationActivities } from '../activities/operations.ts';
import { adapterTaskQueue } from '../domain/task-queue.ts';
import { bookkeeping, clusterWork } from './options.ts';

/** Activities that keep the books of operations. */
export const books = proxyActivities<OperationActivities>(bookkeeping);

/** Activities of the Kubernetes adapter, wherever a worker serves its task queue. */
export const kubernetes = proxyActivities<AdapterActivities>({
  ...clusterWork,
  taskQueue: adapterTaskQueue('kubernetes'),
});
