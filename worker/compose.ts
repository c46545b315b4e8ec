import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createKubernetesActivities } from '../activities/adapters/kubernetes/activities.ts';
import { createOperationActivities } from '../activities/operations.ts';
import { adapterTaskQueue, mainTaskQueue } from '../domain/task-queue.ts';
import { type Clusters, createClusters } from '../infra/clusters.ts';
import type { Config } from '../infra/config.ts';
import { type Database, openDatabase } from '../infra/database/database.ts';
import type { Log } from '../infra/log.ts';
import { loadMasterKey } from '../infra/secrets/master-key.ts';
import { createVault, type Vault } from '../infra/secrets/vault.ts';
import { createDataConverter, createTemporalClient, temporalConnectionOptions } from '../infra/temporal/client.ts';
import { sweepOperations } from './operation-sweeper.ts';
import { workflowBundle } from './workflow-bundle.ts';

export type WorkerDependencies = { readonly config: Config; readonly log: Log };

export type RunningWorker = {
  /** Resolves when the workers have stopped, after `stop` or by a failure. */
  readonly stopped: Promise<void>;
  /** Lets work in hand come to a point from which another worker goes on, then ends. */
  readonly stop: () => void;
};

/** Both below what a supervisor waits before it kills. */
const shutdownGraceTime = '5 seconds';
const shutdownForceTime = '20 seconds';
/** How long a cancel may take to reach an activity. */
const maxHeartbeatThrottleInterval = '1 second';

/** A worker for workflows and their books, and one for the Kubernetes adapter, over one connection. */
export async function startWorker({ config, log }: WorkerDependencies): Promise<RunningWorker> {
  const vault = createVault(await loadMasterKey({ file: config.masterKeyFile, env: config.masterKey }));
  const database = await openDatabase({ ...config.database, vault });
  const clusters = createClusters(database);
  const temporal = await createTemporalClient(config.temporal, vault);
  const connection = await NativeConnection.connect(await temporalConnectionOptions(config.temporal));
  const workers = await createWorkers({ connection, config, vault, database, clusters });
  const stopping = new AbortController();
  const sweeping = sweepOperations({ database, client: temporal.client, log }, stopping.signal);

  const run = async (): Promise<void> => {
    try {
      await Promise.all(workers.map((worker) => worker.run()));
    } finally {
      stopping.abort();
      await sweeping;
      await Promise.allSettled([clusters.close(), temporal.close(), connection.close()]);
      await database.close();
    }
  };
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return { stopped: run(), stop };
}

type Equipment = {
  readonly connection: NativeConnection;
  readonly config: Config;
  readonly vault: Vault;
  readonly database: Database;
  readonly clusters: Clusters;
};

async function createWorkers({ connection, config, vault, database, clusters }: Equipment): Promise<readonly Worker[]> {
  const dataConverter = createDataConverter(vault);
  const shared = {
    connection,
    namespace: config.temporal.namespace,
    dataConverter,
    shutdownGraceTime,
    shutdownForceTime,
    maxHeartbeatThrottleInterval,
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: mainTaskQueue,
      workflowBundle: await workflowBundle(dataConverter.failureConverterPath),
      activities: createOperationActivities({ database }),
    }),
    Worker.create({
      ...shared,
      taskQueue: adapterTaskQueue('kubernetes'),
      activities: createKubernetesActivities({ database, clusters }),
    }),
  ]);
}
