import { SlipwayError } from '../../../domain/errors.ts';
import type { Downloaded, DownloadRequest, WebAnswer, WebClient, WebRequest } from '../web-client.ts';
import type { Access, Authorizer } from './authorizer.ts';
import { registryError } from './registry-error.ts';

/** Requests to registries, with whatever they ask for to be let in. */
export type RegistrySession = {
  /** The address of something in a repository: `manifests/latest` gives `https://registry/v2/name/manifests/latest`. */
  readonly urlOf: (access: Access, path: string) => string;
  /** An answer below 400, or one of `accept`. Throws SlipwayError by what the registry says. */
  readonly request: (access: Access, url: string, request?: WebRequest) => Promise<WebAnswer>;
  /** A body as a file. */
  readonly download: (access: Access, url: string, request: DownloadRequest) => Promise<Downloaded>;
};

export type SessionOptions = {
  readonly web: Pick<WebClient, 'request' | 'download'>;
  readonly authorizer: Authorizer;
  readonly plainHttp: (host: string) => boolean;
};

/** Refusals that no later try changes; the web client tries again on the others. */
const refusals = [400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 422];
const dockerHub = { names: ['docker.io', 'index.docker.io'], host: 'registry-1.docker.io' } as const;

export function createRegistrySession({ web, authorizer, plainHttp }: SessionOptions): RegistrySession {
  const originOf = ({ registry }: Access): string => {
    const host = apiHost(registry);
    return `${plainHttp(host) ? 'http' : 'https'}://${host}`;
  };

  /** A credential goes to the registry only, not to a store that it sends uploads to. */
  const authorized = (access: Access, url: string): Readonly<Record<string, string>> => {
    const authorization = authorizer.known(access);
    return authorization === undefined || new URL(url).origin !== originOf(access) ? {} : { authorization };
  };

  const send = (access: Access, url: string, request: WebRequest): Promise<WebAnswer> =>
    web.request(url, { ...request, accept: refusals, headers: { ...request.headers, ...authorized(access, url) } });

  const sendAuthorized = async (access: Access, url: string, wanted: WebRequest): Promise<WebAnswer> => {
    const first = await send(access, url, wanted);
    if (first.status !== 401) return first;
    await authorizer.answer(access, first.headers['www-authenticate'] ?? '', wanted.signal);
    const second = await send(access, url, wanted);
    if (second.status === 401) throw authorizer.refused(access);
    return second;
  };

  const request = async (access: Access, url: string, wanted: WebRequest = {}): Promise<WebAnswer> => {
    const answer = await sendAuthorized(access, url, wanted);
    if (answer.status < 400 || wanted.accept?.includes(answer.status) === true) return answer;
    throw registryError(nameOf(access), answer);
  };

  const fetchFile = async (access: Access, url: string, wanted: DownloadRequest): Promise<Downloaded> => {
    const headers = { ...wanted.headers, ...authorized(access, url) };
    const file = await web.download(url, { ...wanted, headers });
    if (!file.changed) throw new Error('a download without a previous one is never unchanged');
    return file;
  };

  const download = async (access: Access, url: string, wanted: DownloadRequest): Promise<Downloaded> => {
    try {
      return await fetchFile(access, url, wanted);
    } catch (error) {
      const status = error instanceof SlipwayError ? error.details['status'] : undefined;
      if (status !== 401 && status !== 403 && status !== 404) throw error;
      // The same question without the content: it is answered with what to do, or with the registry's own error.
      await request(access, url, { method: 'HEAD', signal: wanted.signal });
      return fetchFile(access, url, wanted);
    }
  };

  return { urlOf: (access, path) => `${originOf(access)}/v2/${repositoryOf(access)}${path}`, request, download };
}

/** How the repository is called in messages. */
export function nameOf({ registry, repository }: Access): string {
  return `oci://${registry}${repository === undefined ? '' : `/${repository}`}`;
}

function apiHost(registry: string): string {
  return isDockerHub(registry) ? dockerHub.host : registry;
}

function repositoryOf({ registry, repository }: Access): string {
  if (repository === undefined) return '';
  return isDockerHub(registry) && !repository.includes('/') ? `library/${repository}/` : `${repository}/`;
}

function isDockerHub(registry: string): boolean {
  return dockerHub.names.some((name) => name === registry);
}
