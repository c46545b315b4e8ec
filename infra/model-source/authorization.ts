import type { SourceCredential } from '../../domain/source-connection.ts';

/** The headers that show a credential to a web server, none where there is nothing to show. */
export function authorizationHeaders(credential: SourceCredential | undefined): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  if ('token' in credential) return { authorization: `Bearer ${credential.token}` };
  if (!('password' in credential)) return {};
  const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}
