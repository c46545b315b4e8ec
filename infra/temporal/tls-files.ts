import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SlipwayError } from '../../domain/errors.ts';

/** Paths of PEM files; all absent means TLS with the system's certificates. */
export type TemporalTls = {
  readonly serverName?: string | undefined;
  readonly serverCaCertPath?: string | undefined;
  readonly clientCertPath?: string | undefined;
  readonly clientKeyPath?: string | undefined;
};

type Setting = { readonly variable: string; readonly parse: (pem: Buffer) => unknown };

const serverCa: Setting = { variable: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH', parse: (pem) => new X509Certificate(pem) };
const clientCertificate: Setting = {
  variable: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  parse: (pem) => new X509Certificate(pem),
};
const clientKey: Setting = { variable: 'TEMPORAL_TLS_CLIENT_KEY_PATH', parse: (pem) => createPrivateKey(pem) };

/**
 * TLS options for Temporal's connections. Throws SlipwayError `invalid` for a file that cannot be read, is not what its
 * variable says, or a key of another certificate.
 */
export async function readTls(tls: TemporalTls) {
  const [serverRootCACertificate, crt, key] = await Promise.all([
    readPem(tls.serverCaCertPath, serverCa),
    readPem(tls.clientCertPath, clientCertificate),
    readPem(tls.clientKeyPath, clientKey),
  ]);
  if (crt !== undefined && key !== undefined) requirePair(crt, key);
  return {
    ...(tls.serverName === undefined ? {} : { serverNameOverride: tls.serverName }),
    ...(serverRootCACertificate === undefined ? {} : { serverRootCACertificate }),
    ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
  };
}

async function readPem(path: string | undefined, { variable, parse }: Setting): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  const pem = await readFile(path).catch((error: unknown) => {
    throw new SlipwayError('invalid', `the file of ${variable} cannot be read: ${path}`, {
      cause: error,
      fix: `Correct ${variable}.`,
    });
  });
  try {
    parse(pem);
  } catch (error) {
    throw new SlipwayError('invalid', `the file of ${variable} is not what it should be: ${path}`, {
      cause: error,
      fix: `Name a PEM file without a passphrase in ${variable}.`,
    });
  }
  return pem;
}

function requirePair(certificate: Buffer, key: Buffer): void {
  if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return;
  throw new SlipwayError('invalid', 'the client certificate for Temporal and its key do not belong together', {
    fix: `Correct ${clientCertificate.variable} or ${clientKey.variable}.`,
  });
}
