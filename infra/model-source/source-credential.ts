import { SlipwayError } from '../../domain/errors.ts';
import type { SourceCredential } from '../../domain/source-connection.ts';
import { readSourceCredential } from '../database/connections.ts';
import type { Database } from '../database/database.ts';

/**
 * The credential of a connection for a source at an address, or undefined where no connection is named. It is given for what
 * is at the connection's own address only, so that nobody has it sent elsewhere. Throws SlipwayError `forbidden`, `notFound`.
 */
export async function credentialFor(
  database: Database,
  idOrName: string | undefined,
  address: string,
): Promise<SourceCredential | undefined> {
  if (idOrName === undefined) return undefined;
  const { kind, server, credential } = await readSourceCredential(database, idOrName);
  const isIts = kind === 'oci' ? registryOf(address) === server : isWithin(server, address);
  if (isIts) return credential;
  throw new SlipwayError('forbidden', `the credential of connection ${idOrName} is for ${server}, not for ${address}`, {
    fix: 'Name the connection of that address, or none.',
  });
}

/** A web address belongs to a server by its origin; a Git address by how it begins too, as one host serves many owners. */
function isWithin(server: string, address: string): boolean {
  const [base, url] = [URL.parse(server), URL.parse(address)];
  if (base !== null && url !== null && /^https?:$/.test(base.protocol)) return base.origin === url.origin;
  const start = server.replace(/\.git$/, '');
  return address === server || (address.startsWith(start) && /^([/:]|\.git$)/.test(address.slice(start.length)));
}

function registryOf(address: string): string {
  return address
    .replace(/^(oci|https?):\/\//, '')
    .replace(/\/.*$/s, '')
    .toLowerCase();
}
