import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { badConfigExitCode } from '../../../infra/config.ts';
import { checkTemporal } from '../../../infra/temporal/client.ts';
import { configMap, manifests, namespace, uniqueName } from '../../e2e/manifests.ts';
import { startInstallation } from '../../installation/installation.ts';
import { makeCertificates, readCertificate, serverName } from './certificates.ts';
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts';

const root = join(import.meta.dirname, '../../..');
const apiKey = 'key-that-must-be-in-no-log';

let folder: string;
let certificates: Awaited<ReturnType<typeof makeCertificates>>;
/** One that wants client certificates, one that wants an API key. */
let mutual: TlsProxy;
let keyed: TlsProxy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-tls-'));
  certificates = await makeCertificates(folder);
  const { address: upstream } = inject('temporal');
  const certificate = await readCertificate(certificates.server);
  const clientAuthority = await readFile(certificates.authority.cert);
  mutual = await startTlsProxy({ upstream, certificate, clientAuthority });
  keyed = await startTlsProxy({ upstream, certificate, apiKey });
});

afterAll(async () => {
  await Promise.all([mutual.stop(), keyed.stop()]);
  await rm(folder, { recursive: true, force: true });
});

type Variables = Readonly<Record<string, string>>;

/** What reaches the server that wants a client certificate. */
function withCertificate(): Variables {
  return {
    TEMPORAL_ADDRESS: mutual.address,
    TEMPORAL_NAMESPACE: inject('temporal').namespace,
    TEMPORAL_TLS_SERVER_NAME: serverName,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authority.cert,
    TEMPORAL_TLS_CLIENT_CERT_PATH: certificates.client.cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: certificates.client.key,
  };
}

/** What reaches the server that wants an API key. */
function withKey(): Variables {
  return {
    TEMPORAL_ADDRESS: keyed.address,
    TEMPORAL_NAMESPACE: inject('temporal').namespace,
    TEMPORAL_TLS_SERVER_NAME: serverName,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authority.cert,
    TEMPORAL_API_KEY: apiKey,
  };
}

/** Runs a program of Slipway with an empty home until it ends by itself. */
async function runProgram(script: string, args: readonly string[], variables: Variables) {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      SLIPWAY_HOME: join(folder, 'home'),
      SLIPWAY_PORT: '0',
      ...variables,
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, output: stdout + stderr };
}

describe.each([
  ['a client certificate', withCertificate],
  ['an API key', withKey],
])('with %s', (_, variables) => {
  test('API and worker work over TLS: a design is deployed and taken out again', async () => {
    const slipway = await startInstallation({
      temporal: inject('temporal'),
      cluster: inject('cluster'),
      environment: { ...variables(), SLIPWAY_LOG_LEVEL: 'debug' },
    });
    try {
      const name = uniqueName('tls');
      await slipway.api.putDesign(name, manifests(namespace(name), configMap(name, 'a')));
      const request = { design: name, connection: slipway.connection, options: {} };
      const deployed = await slipway.api.end(await slipway.api.start('/v1/deployments', request));
      expect(deployed).toMatchObject({ state: 'succeeded' });
      const path = `/v1/deployments/${deployed.deploymentId}/undeploy`;
      const undeployed = await slipway.api.end(await slipway.api.start(path, { options: {} }));
      expect(undeployed).toMatchObject({ state: 'succeeded' });
      for (const { logFile } of [slipway.apiProcess, ...slipway.workers]) {
        expect(await readFile(logFile, 'utf8')).not.toContain(apiKey);
      }
    } finally {
      await slipway.stop();
    }
  });
});

describe.each<[string, () => Variables, RegExp]>([
  [
    'an authority that did not sign the certificate of the server',
    () => ({ ...withCertificate(), TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.stranger.cert }),
    /TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
  ],
  [
    'no authority where the system trusts none that signed it',
    () => ({ ...withCertificate(), TEMPORAL_TLS_SERVER_CA_CERT_PATH: '' }),
    /TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
  ],
  [
    'no client certificate where one is wanted',
    () => ({ ...withCertificate(), TEMPORAL_TLS_CLIENT_CERT_PATH: '', TEMPORAL_TLS_CLIENT_KEY_PATH: '' }),
    /TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH/,
  ],
  [
    'a server name that the certificate is not for',
    () => ({ ...withCertificate(), TEMPORAL_TLS_SERVER_NAME: 'other.test' }),
    /TEMPORAL_TLS_SERVER_NAME/,
  ],
  [
    'an API key that the server does not know',
    () => ({ ...withKey(), TEMPORAL_API_KEY: `${apiKey}-wrong` }),
    /TEMPORAL_API_KEY/,
  ],
])('%s', (_, variables, variable) => {
  test.each([
    ['the API', 'api/main.ts'],
    ['the worker', 'worker/main.ts'],
  ])('ends %s at once, with the variable to correct', async (_name, script) => {
    const { code, output } = await runProgram(script, [], variables());
    expect(output).toMatch(variable);
    expect(output).toMatch(/^error: /m);
    expect(output).not.toContain(apiKey);
    expect(code).toBe(badConfigExitCode);
  });

  test('is what slipway doctor finds', async () => {
    const { code, output } = await runProgram('cli/slipway.js', ['doctor'], variables());
    expect(output).toMatch(variable);
    expect(output).not.toContain(apiKey);
    expect(code).toBe(1);
  });
});

test('slipway doctor says that the Temporal server answers', async () => {
  const { output } = await runProgram('cli/slipway.js', ['doctor'], withKey());
  expect(output).toContain(`${keyed.address} answers`);
});

test('an API key that is given goes over TLS, unless TLS is turned off', async () => {
  const { output } = await runProgram('worker/main.ts', [], {
    ...withKey(),
    TEMPORAL_ADDRESS: inject('temporal').address,
  });
  expect(output).toContain('does not speak TLS');
  const { address, namespace: name } = inject('temporal');
  await checkTemporal({ address, namespace: name, apiKey });
});

test('a file that is missing, is no certificate or is the key of another is told by its variable', async () => {
  const { address, namespace: name } = inject('temporal');
  const noCertificate = join(folder, 'notes.txt');
  await writeFile(noCertificate, 'no certificate');
  const check = (tls: object) => checkTemporal({ address, namespace: name, tls });
  const { cert } = certificates.client;
  for (const [tls, variable] of [
    [{ serverCaCertPath: join(folder, 'missing.pem') }, /TEMPORAL_TLS_SERVER_CA_CERT_PATH/],
    [{ serverCaCertPath: noCertificate }, /TEMPORAL_TLS_SERVER_CA_CERT_PATH/],
    [{ clientCertPath: noCertificate, clientKeyPath: certificates.client.key }, /TEMPORAL_TLS_CLIENT_CERT_PATH/],
    [{ clientCertPath: cert, clientKeyPath: noCertificate }, /TEMPORAL_TLS_CLIENT_KEY_PATH/],
    [{ clientCertPath: cert, clientKeyPath: certificates.server.key }, /TEMPORAL_TLS_CLIENT_KEY_PATH/],
  ] as const) {
    await expect(check(tls)).rejects.toMatchObject({ code: 'invalid', fix: expect.stringMatching(variable) });
  }
});

test('a server that is not there is unavailable, with the variable that names it', async () => {
  await expect(checkTemporal({ address: '127.0.0.1:1', namespace: 'default' })).rejects.toMatchObject({
    code: 'unavailable',
    fix: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
});
