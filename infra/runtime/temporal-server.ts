import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { openPortBook } from './ports.ts';
import { superviseProcess, type SupervisedProcess, type UnexpectedExit } from './process.ts';
import type { StateDirectory } from './state-directory.ts';

const readyMs = 120_000;
const graceMs = 10_000;
const probeMs = 2000;
const namespace = 'default';

export type TemporalServer = {
  /** Host and port of the gRPC frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Where its web interface is served. */
  readonly uiUrl: string;
  /** To stop, kill and start it again at the same address, with its data kept. */
  readonly process: SupervisedProcess;
  readonly stop: () => Promise<void>;
};

/** Starts the embedded Temporal server on loopback with its data in the state directory, and waits until it serves. */
export async function startTemporalServer(options: {
  readonly state: StateDirectory;
  /** Path of the `temporal` program. */
  readonly program: string;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}): Promise<TemporalServer> {
  const ports = await openPortBook(join(options.state.run, 'temporal-ports.json'));
  const port = await ports.claim('frontend');
  const uiPort = await ports.claim('ui');
  const address = `127.0.0.1:${port}`;
  const server = superviseProcess({
    name: 'temporal',
    command: options.program,
    args: serverArguments({
      database: join(options.state.data, 'temporal', 'temporal.db'),
      port,
      uiPort,
      httpPort: await ports.claim('http'),
      metricsPort: await ports.claim('metrics'),
    }),
    environment: {},
    folder: join(options.state.data, 'temporal'),
    logFile: join(options.state.logs, 'temporal.log'),
    isReady: () => isServing(address),
    readyMs,
    graceMs,
    onUnexpectedExit: options.onUnexpectedExit,
  });
  await server.start();
  return {
    address,
    namespace,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    process: server,
    stop: server.stop,
  };
}

function serverArguments(options: {
  readonly database: string;
  readonly port: number;
  readonly uiPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
}): readonly string[] {
  return [
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    `--port=${options.port}`,
    `--ui-port=${options.uiPort}`,
    `--http-port=${options.httpPort}`,
    `--metrics-port=${options.metricsPort}`,
    `--db-filename=${options.database}`,
    '--log-level=warn',
    '--log-format=json',
  ];
}

async function isServing(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: probeMs });
  try {
    await connection.withDeadline(Date.now() + probeMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } finally {
    await connection.close();
  }
}
