import { join } from 'node:path';
import { openPortBook } from './ports.ts';
import { writePrivateFile } from './private-file.ts';
import { superviseProcess, type SupervisedProcess, type UnexpectedExit } from './process.ts';
import type { StateDirectory } from './state-directory.ts';

const readyMs = 60_000;
const graceMs = 5000;
const probeMs = 2000;

/** Who is let in: users by a file of bcrypt hashes, or whoever brings a token that an issuer signed. */
export type RegistryAccess =
  | { readonly kind: 'basic'; readonly htpasswd: string }
  | {
      readonly kind: 'token';
      /** Where a client asks for a token. */
      readonly realm: string;
      readonly service: string;
      readonly issuer: string;
      /** The issuer's public keys, as a JSON Web Key Set. */
      readonly keys: string;
    };

export type RegistryServer = {
  /** Host and port of its HTTP API; it speaks no TLS. */
  readonly address: string;
  /** To stop, kill and start it again at the same address, with its data kept. */
  readonly process: SupervisedProcess;
  readonly stop: () => Promise<void>;
};

export type RegistryServerOptions = {
  readonly state: StateDirectory;
  /** Path of the `registry` program. */
  readonly program: string;
  /** Tells several in one state directory apart. */
  readonly name: string;
  /** Left out, everybody may read and write. */
  readonly access?: RegistryAccess;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
};

/** Starts an OCI registry on loopback with its data in the state directory, and waits until it serves. */
export async function startRegistry(options: RegistryServerOptions): Promise<RegistryServer> {
  const { state, name } = options;
  const folder = join(state.data, name);
  const ports = await openPortBook(join(state.run, `${name}-ports.json`));
  const address = `127.0.0.1:${await ports.claim('api')}`;
  const server = superviseProcess({
    name,
    command: options.program,
    args: ['serve', await writeConfiguration(folder, address, options.access)],
    // It would look for a collector of traces otherwise.
    environment: { OTEL_TRACES_EXPORTER: 'none' },
    folder,
    logFile: join(state.logs, `${name}.log`),
    isReady: () => isServing(address),
    readyMs,
    graceMs,
    onUnexpectedExit: options.onUnexpectedExit,
  });
  await server.start();
  return { address, process: server, stop: server.stop };
}

/** JSON is YAML, which the program reads. */
async function writeConfiguration(
  folder: string,
  address: string,
  access: RegistryAccess | undefined,
): Promise<string> {
  const file = join(folder, 'configuration.yml');
  const configuration = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') }, delete: { enabled: true } },
    http: { addr: address },
    ...(access === undefined ? {} : { auth: await writeAccess(folder, access) }),
  };
  await writePrivateFile(file, JSON.stringify(configuration));
  return file;
}

async function writeAccess(folder: string, access: RegistryAccess) {
  if (access.kind === 'basic') {
    const path = join(folder, 'htpasswd');
    await writePrivateFile(path, access.htpasswd);
    return { htpasswd: { realm: 'slipway', path } };
  }
  const jwks = join(folder, 'keys.json');
  await writePrivateFile(jwks, access.keys);
  const { realm, service, issuer } = access;
  return { token: { realm, service, issuer, jwks } };
}

/** A registry with access control answers 401 here: it serves all the same. */
async function isServing(address: string): Promise<boolean> {
  const response = await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(probeMs) });
  await response.body?.cancel();
  return response.ok || response.status === 401;
}
