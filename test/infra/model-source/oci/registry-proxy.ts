import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { startWebServer, type WebServer } from '../web-server.ts';

/** Answers a request itself and says so, or lets it through. */
export type Intercept = (incoming: IncomingMessage, response: ServerResponse) => boolean;

/** A server in front of a real registry that counts what is asked and may answer, change or break some of it. */
export async function startRegistryProxy(registry: string, intercept: Intercept = () => false): Promise<WebServer> {
  return startWebServer((incoming, response) => {
    if (!intercept(incoming, response)) forward({ registry, incoming, response });
  });
}

export type Forwarding = {
  readonly registry: string;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Instead of that of the request. */
  readonly path?: string;
  /** Instead of handing the answer on. */
  readonly onAnswer?: (answer: IncomingMessage) => void;
};

/** Asks the registry with the client's own `Host`, so that it sends the client on to us. */
export function forward({ registry, incoming, response, path, onAnswer }: Forwarding): void {
  const [host, port] = registry.split(':');
  const { url, method, headers } = incoming;
  const onward = request({ host, port, path: path ?? url, method, headers }, (answer) => {
    if (onAnswer !== undefined) return onAnswer(answer);
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    return answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}

/** What was asked, as `HEAD /v2/shop/manifests/1.0.0`. */
export function asked({ requests }: WebServer): readonly string[] {
  return requests.map(({ method, url }) => `${method} ${url?.replace(/\?.*/, '')}`);
}
