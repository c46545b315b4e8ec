import type { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createKubernetesActivities } from '../activities/adapters/kubernetes/activities.ts';
import {
  createDiscoveryActivities,
  createGenerationActivities,
  createGenerationBooks,
} from '../activities/generation/activities.ts';
import { createOperationActivities } from '../activities/operations.ts';
import { SlipwayError } from '../domain/errors.ts';
import { adapterTaskQueue, discoveryTaskQueue, generationTaskQueue, mainTaskQueue } from '../domain/task-queue.ts';
import { type Clusters, createClusters } from '../infra/clusters.ts';
import type { Config } from '../infra/config.ts';
import { type Database, openDatabase } from '../infra/database/database.ts';
import type { Log } from '../infra/log.ts';
import { createChartRenderer } from '../infra/registry/chart-renderer.ts';
import { seedBuiltInModel } from '../infra/registry/built-in/seed.ts';
import { loadMasterKey } from '../infra/secrets/master-key.ts';
import { createVault, type Vault } from '../infra/secrets/vault.ts';
import {
  checkTemporal,
  createDataConverter,
  createTemporalClient,
  type TemporalConfig,
  temporalConnectionOptions,
} from '../infra/temporal/client.ts';
import { sweepGeneration } from './generation-sweeper.ts';
import { openSources, type OpenSources } from './open-sources.ts';
import { sweepOperations } from './operation-sweeper.ts';
import { workflowBundle } from './workflow-bundle.ts';

export type WorkerDependencies = {
  readonly config: Config;
  readonly log: Log;
  /** Where programs are found: `PATH`, and what names another place to fetch them from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

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

/** Sources read at once by one process: each may take a processor and some dozens of megabytes. */
const sourcesAtOnce = 8;
/** Watches of clusters by one process: each holds a connection and waits. */
const watchesAtOnce = 1_000;

/** Workers for workflows and their books, for the Kubernetes adapter and for sources of models, over one connection. */
export async function startWorker({ config, log, environment }: WorkerDependencies): Promise<RunningWorker> {
  const vault = createVault(await loadMasterKey({ file: config.masterKeyFile, env: config.masterKey }));
  const database = await openDatabase({ ...config.database, vault });
  await seedBuiltInModel(database);
  const clusters = createClusters(database);
  const temporal = await createTemporalClient(config.temporal, vault);
  const connection = await connectWorkers(config.temporal);
  const sources = openSources({ config, log, environment });
  const { client } = temporal;
  const workers = await createWorkers({ connection, config, vault, database, clusters, sources, client });
  const stopping = new AbortController();
  const sweeping = Promise.all([
    sweepOperations({ database, client, log }, stopping.signal),
    sweepGeneration({ database, client, log, home: config.home }, stopping.signal),
  ]);

  const run = async (): Promise<void> => {
    try {
      await Promise.all(workers.map((worker) => worker.run()));
    } finally {
      stopping.abort();
      await sweeping;
      await Promise.allSettled([clusters.close(), sources.close(), temporal.close(), connection.close()]);
      await database.close();
    }
  };
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return { stopped: run(), stop };
}

/** Throws SlipwayError `invalid` or `unavailable`, with what to correct, where no server takes the connection. */
async function connectWorkers(config: TemporalConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(await temporalConnectionOptions(config));
  } catch (error) {
    await checkTemporal(config);
    throw new SlipwayError('unavailable', `no Temporal server answers at ${config.address}`, { cause: error });
  }
}

type Equipment = {
  readonly connection: NativeConnection;
  readonly config: Config;
  readonly vault: Vault;
  readonly database: Database;
  readonly clusters: Clusters;
  readonly sources: OpenSources;
  readonly client: Client;
};

async function createWorkers(equipment: Equipment): Promise<readonly Worker[]> {
  const { connection, config, vault, database, clusters, sources, client } = equipment;
  const dataConverter = createDataConverter(vault);
  const charts = createChartRenderer({ database, home: config.home, helm: sources.helm });
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
      activities: {
        ...createOperationActivities({ database }),
        ...createGenerationBooks({ database, temporal: client }),
      },
    }),
    Worker.create({
      ...shared,
      taskQueue: adapterTaskQueue('kubernetes'),
      activities: createKubernetesActivities({ database, clusters, charts }),
    }),
    Worker.create({
      ...shared,
      taskQueue: discoveryTaskQueue,
      maxConcurrentActivityTaskExecutions: watchesAtOnce,
      activities: createDiscoveryActivities({ database, clusters }),
    }),
    Worker.create({
      ...shared,
      taskQueue: generationTaskQueue,
      maxConcurrentActivityTaskExecutions: sourcesAtOnce,
      activities: createGenerationActivities({ ...sources.dependencies, database, clusters, home: config.home }),
    }),
  ]);
}
