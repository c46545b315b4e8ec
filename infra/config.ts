import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import { registryLimits } from '../domain/registry/limits.ts';
import { parseAllowedSource } from './model-source/allowed-sources.ts';
import type { TemporalConfig } from './temporal/client.ts';

/** EX_CONFIG of sysexits.h: the process cannot start with what its environment says. */
export const badConfigExitCode = 78;

/** Addresses that only this machine can reach. */
export const loopbackHosts = ['127.0.0.1', 'localhost', '::1'] as const;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a process of Slipway is told by its environment. Holds secrets: never log it whole. */
export type Config = {
  /** Where Slipway keeps what it owns: the database, the token and the master key. */
  readonly home: string;
  readonly host: string;
  readonly port: number;
  /** Names other than the loopback ones that a `Host` header may have while the API listens on loopback. */
  readonly allowedHosts: readonly string[];
  readonly database: { readonly url: string; readonly authToken: string | undefined };
  readonly temporal: TemporalConfig;
  /** The bearer token, where it is not to be kept in a file. */
  readonly token: string | undefined;
  readonly tokenFile: string;
  readonly masterKey: string | undefined;
  readonly masterKeyFile: string;
  readonly logLevel: LogLevel;
  /** Requests a second that one token may send for long; bursts may be twice that. */
  readonly requestsPerSecond: number;
  /** Hosts, `host:port` and address ranges outside the Internet that sources of models may be fetched from. */
  readonly allowedSources: readonly string[];
  /** Files and folders that one archive with models may hold. */
  readonly archiveEntries: number;
};

const text = z.string().min(1);
const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

const list = text.default('').transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean),
);

const environmentSchema = z.object({
  SLIPWAY_HOME: text.default(() => join(homedir(), '.slipway')),
  SLIPWAY_HOST: text.default('127.0.0.1'),
  SLIPWAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4780),
  SLIPWAY_ALLOWED_HOSTS: list,
  SLIPWAY_TOKEN: text.min(32, 'a token has at least 32 characters').optional(),
  SLIPWAY_MASTER_KEY: text.optional(),
  SLIPWAY_LOG_LEVEL: z.enum(logLevels).default('info'),
  SLIPWAY_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).max(1_000_000).default(500),
  SLIPWAY_ALLOWED_SOURCES: list.refine(
    (entries) => entries.every((entry) => parseAllowedSource(entry) !== undefined),
    'each entry is a host, host:port, an address or a range such as 10.0.0.0/8',
  ),
  SLIPWAY_ARCHIVE_ENTRIES: z.coerce.number().int().min(1).max(1_000_000).default(registryLimits.archiveEntries),
  DATABASE_URL: text
    .regex(/^(file|https?|libsql|wss?):/, 'a database URL starts with file:, libsql:, https: or wss:')
    .optional(),
  DATABASE_AUTH_TOKEN: text.optional(),
  TEMPORAL_ADDRESS: text.regex(/^[^/\s]+:\d+$/, 'an address is host:port').default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: text.default('default'),
  TEMPORAL_API_KEY: text.optional(),
  TEMPORAL_TLS: flag.optional(),
  TEMPORAL_TLS_SERVER_NAME: text.optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: text.optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: text.optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: text.optional(),
});

type Environment = z.infer<typeof environmentSchema>;

/** Reads the environment. Empty variables count as absent. Throws SlipwayError `invalid` with a finding for each problem. */
export function loadConfig(source: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const result = environmentSchema.safeParse(given);
  const findings = result.success ? clientCertificateFindings(result.data) : result.error.issues.map(issueFinding);
  if (result.success && findings.length === 0) return Object.freeze(toConfig(result.data));
  throw new SlipwayError('invalid', 'the environment is not a usable configuration', { findings });
}

/** `loadConfig` for entry points: prints every problem on stderr and ends the process with 78. */
export function loadConfigOrExit(source: Readonly<Record<string, string | undefined>> = process.env): Config {
  try {
    return loadConfig(source);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    for (const { path, message } of error.findings) process.stderr.write(`  ${path}: ${message}\n`);
    process.exit(badConfigExitCode);
  }
}

/** Whether only this machine can reach an address to listen on. */
export function isLoopback(host: string): boolean {
  return loopbackHosts.some((name) => name === host) || host.startsWith('127.');
}

function toConfig(environment: Environment): Config {
  const home = resolve(environment.SLIPWAY_HOME);
  return {
    home,
    host: environment.SLIPWAY_HOST,
    port: environment.SLIPWAY_PORT,
    allowedHosts: environment.SLIPWAY_ALLOWED_HOSTS,
    database: {
      url: environment.DATABASE_URL ?? `file:${join(home, 'data', 'slipway.db')}`,
      authToken: environment.DATABASE_AUTH_TOKEN,
    },
    temporal: toTemporalConfig(environment),
    token: environment.SLIPWAY_TOKEN,
    tokenFile: join(home, 'token'),
    masterKey: environment.SLIPWAY_MASTER_KEY,
    masterKeyFile: join(home, 'master.key'),
    logLevel: environment.SLIPWAY_LOG_LEVEL,
    requestsPerSecond: environment.SLIPWAY_REQUESTS_PER_SECOND,
    allowedSources: environment.SLIPWAY_ALLOWED_SOURCES,
    archiveEntries: environment.SLIPWAY_ARCHIVE_ENTRIES,
  };
}

function toTemporalConfig(environment: Environment): TemporalConfig {
  const tls = {
    serverName: environment.TEMPORAL_TLS_SERVER_NAME,
    serverCaCertPath: environment.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    clientCertPath: environment.TEMPORAL_TLS_CLIENT_CERT_PATH,
    clientKeyPath: environment.TEMPORAL_TLS_CLIENT_KEY_PATH,
  };
  const asksForTls = [environment.TEMPORAL_API_KEY, ...Object.values(tls)].some((value) => value !== undefined);
  const usesTls = environment.TEMPORAL_TLS ?? asksForTls;
  return {
    address: environment.TEMPORAL_ADDRESS,
    namespace: environment.TEMPORAL_NAMESPACE,
    apiKey: environment.TEMPORAL_API_KEY,
    tls: usesTls ? tls : undefined,
  };
}

/** A client certificate without its key, or the other way round, would be left out without a word. */
function clientCertificateFindings(environment: Environment): readonly Finding[] {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: key } = environment;
  if ((certificate === undefined) === (key === undefined)) return [];
  const missing = certificate === undefined ? 'TEMPORAL_TLS_CLIENT_CERT_PATH' : 'TEMPORAL_TLS_CLIENT_KEY_PATH';
  return [
    { severity: 'error', code: 'config.missing', path: missing, message: 'a certificate and its key come together' },
  ];
}

/** The message alone: values of the environment may be secrets. */
function issueFinding(issue: z.core.$ZodIssue): Finding {
  return { severity: 'error', code: 'config.invalid', path: issue.path.join('.'), message: issue.message };
}
