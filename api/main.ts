import { SlipwayError } from '../domain/errors.ts';
import { badConfigExitCode, loadConfigOrExit } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { composeApi } from './compose.ts';
import { designPrograms } from './design-programs.ts';
import { serveApi } from './serve.ts';

/** Serves the API until the process is told to stop. */
async function main(): Promise<void> {
  const config = loadConfigOrExit();
  const log = createLog({ level: config.logLevel, name: 'api' });
  const { api, close } = await composeApi({ config, log, programs: designPrograms(process.env, log) });
  const server = await serveApi({ api, host: config.host, port: config.port });
  log.info({ url: server.url }, 'listening');

  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  log.info({ signal }, 'stopping');
  await server.stop();
  await close();
  log.info('stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  if (!(error instanceof SlipwayError)) throw error;
  process.stderr.write(`error: ${error.message}\n${error.fix === undefined ? '' : `  fix: ${error.fix}\n`}`);
  process.exit(error.code === 'invalid' ? badConfigExitCode : 1);
});
