import { DefaultLogger, Runtime } from '@temporalio/worker';
import { badConfigExitCode, loadConfigOrExit } from '../infra/config.ts';
import { SlipwayError } from '../domain/errors.ts';
import { createLog, type Log } from '../infra/log.ts';
import { startWorker } from './compose.ts';

/** Works on operations until the process is told to stop. */
async function main(): Promise<void> {
  const config = loadConfigOrExit();
  const log = createLog({ level: config.logLevel, name: 'worker' });
  Runtime.install({ logger: loggerOver(log), shutdownSignals: [] });
  const worker = await startWorker({ config, log, environment: process.env });
  log.info({ temporal: config.temporal.address }, 'working');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      worker.stop();
    });
  }
  await worker.stopped;
  log.info('stopped');
  process.exit(0);
}

/** Temporal's own log entries, as ours. */
function loggerOver(log: Log): DefaultLogger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    const entry = { ...meta };
    if (level === 'ERROR') log.error(entry, message);
    else log.warn(entry, message);
  });
}

main().catch((error: unknown) => {
  if (!(error instanceof SlipwayError)) throw error;
  process.stderr.write(`error: ${error.message}\n${error.fix === undefined ? '' : `  fix: ${error.fix}\n`}`);
  process.exit(error.code === 'invalid' ? badConfigExitCode : 1);
});
