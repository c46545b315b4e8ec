import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Paths of a certificate and its key, in PEM. */
export type Certificate = { readonly cert: string; readonly key: string };

/** The name that the certificate of the server is for. */
export const serverName = 'temporal.test';

/** An authority with a server and a client certificate, and one that nobody trusts with a client certificate of its own. */
export async function makeCertificates(folder: string) {
  const authority = await makeAuthority(folder, 'authority');
  const stranger = await makeAuthority(folder, 'stranger');
  const server = await sign(folder, { name: 'server', host: serverName, by: authority });
  const client = await sign(folder, { name: 'client', host: 'client.test', by: authority });
  return { authority, stranger, server, client };
}

/** The certificate and key as TLS servers of Node take them. */
export async function readCertificate({ cert, key: keyFile }: Certificate) {
  return { cert: await readFile(cert), key: await readFile(keyFile) };
}

async function makeAuthority(folder: string, name: string): Promise<Certificate> {
  const made = pathsOf(folder, name);
  const subject = ['-subj', `/CN=${name}`, '-days', '2'];
  await run('openssl', ['req', '-x509', ...key, '-keyout', made.key, '-out', made.cert, ...subject]);
  return made;
}

async function sign(
  folder: string,
  { name, host, by }: { readonly name: string; readonly host: string; readonly by: Certificate },
): Promise<Certificate> {
  const made = pathsOf(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  await writeFile(extensions, `subjectAltName=DNS:${host}\n`);
  await run('openssl', ['req', ...key, '-keyout', made.key, '-out', request, '-subj', `/CN=${name}`]);
  const signing = ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial', '-extfile', extensions, '-days', '2'];
  await run('openssl', ['x509', '-req', '-in', request, '-out', made.cert, ...signing]);
  return made;
}

function pathsOf(folder: string, name: string): Certificate {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}
