import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { SlipwayError } from '../domain/errors.ts';
import { loadConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { composeApi } from './compose.ts';

/** A function's answer is sent whole: a live stream ends before its time is up, and the client goes on with the next. */
const streamMs = 20_000;

type Handler = (event: LambdaEvent, context?: LambdaContext) => Promise<unknown>;

let handling: Promise<Handler> | undefined;

/**
 * The API as an AWS Lambda function, behind API Gateway (v1, v2), a function URL or a load balancer. It needs SLIPWAY_TOKEN,
 * SLIPWAY_MASTER_KEY, DATABASE_URL and TEMPORAL_ADDRESS: a function has no files of its own that last.
 */
export async function handler(event: LambdaEvent, context?: LambdaContext): Promise<unknown> {
  handling ??= createHandler().catch((error: unknown) => {
    handling = undefined;
    throw error;
  });
  return (await handling)(event, context);
}

async function createHandler(): Promise<Handler> {
  const config = loadConfig();
  const missing = Object.entries({ SLIPWAY_TOKEN: config.token, SLIPWAY_MASTER_KEY: config.masterKey })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (missing.length > 0) throw new SlipwayError('invalid', `a function needs ${missing.join(' and ')}`);
  const log = createLog({ level: config.logLevel, name: 'api' });
  // Gateways check the host name themselves, and pass on their own.
  const { api } = await composeApi({ config: { ...config, host: '0.0.0.0' }, log, streamMs });
  return handle(api);
}
