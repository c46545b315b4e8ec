import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './config.ts';

export type Log = Logger;

/** Names of fields that may hold a secret, wherever they stand in the first three levels of what is logged. */
const secretFields = [
  'authorization',
  'token',
  'authToken',
  'apiKey',
  'masterKey',
  'password',
  'secret',
  'credential',
  'kubeconfig',
  'source',
  'data',
  'stringData',
] as const;

const redactedPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

export type LogOptions = {
  readonly level: LogLevel;
  /** Which process writes: `api`, `worker`. */
  readonly name: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
};

/** A logger that writes one JSON line an entry and shows no secret. */
export function createLog({ level, name, destination }: LogOptions): Log {
  const options = {
    level,
    name,
    base: { pid: process.pid },
    redact: { paths: redactedPaths, censor: '[redacted]' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
