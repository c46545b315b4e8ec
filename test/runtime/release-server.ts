import { createServer } from 'node:http';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export type ReleaseServer = { readonly url: string; readonly requests: readonly string[] };

/** Serves files by path from loopback until the test ends; a path that is not there is answered by 404. */
export async function serveReleases(files: Readonly<Record<string, Buffer | string>>): Promise<ReleaseServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const file = files[path];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, requests };
}
