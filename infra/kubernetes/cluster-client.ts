import { z } from 'zod';
import {
  type AccessAnswer,
  type AccessQuestion,
  type AccessRules,
  reviewAccess,
  reviewRules,
} from './access-review.ts';
import { type AdaptiveLimit, createAdaptiveLimit, defaultLimit } from './adaptive-limit.ts';
import { openConnection } from './connection.ts';
import type { Contact } from './contact.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { type KubeconfigOptions, readKubeconfig } from './kubeconfig.ts';
import { listAll, type ListOptions, listPages, type ObjectList } from './list.ts';
import { createObjectRequests, type ObjectRequests } from './object-requests.ts';
import { createOpenApi, type OpenApi } from './open-api.ts';
import type { ResourceType } from './resource.ts';
import { createTransport, parseAnswer, type RequestOptions } from './transport.ts';
import { watchObjects, type WatchOptions } from './watch.ts';
import type { WatchHandler } from './watch-tracker.ts';

export type ClusterClientOptions = KubeconfigOptions & {
  /** The text of a kubeconfig, YAML or JSON. */
  readonly kubeconfig: string;
  /** How long after a failed request's first try another may start, in milliseconds. Default: 60 s. */
  readonly retryForMs?: number;
  /** How long the API server may take to begin an answer, in milliseconds. Default: 70 s, over its own limit of 60 s. */
  readonly timeoutMs?: number;
  /** The most requests at once. Default: 64. */
  readonly maximumInFlight?: number;
};

const versionSchema = z.object({
  gitVersion: z.string(),
  major: z.string(),
  minor: z.string(),
  platform: z.string().optional(),
});

export type ServerVersion = z.infer<typeof versionSchema>;

/** One cluster. Objects travel as raw JSON: no field is lost that the API server knows and Slipway does not. */
export type ClusterClient = ObjectRequests & {
  /** Scheme, host and port of the API server. */
  readonly server: string;
  /** The context's namespace, if it names one. */
  readonly namespace: string | undefined;
  /** Whether the API server answers. */
  readonly contact: Contact;
  readonly discovery: Discovery;
  readonly openApi: OpenApi;
  readonly list: (type: ResourceType, options?: ListOptions) => Promise<ObjectList>;
  /** As `list`, for more objects than memory should hold. Throws `ApiError` 410 when reading takes many minutes. */
  readonly listPages: (type: ResourceType, options?: ListOptions) => AsyncIterable<ObjectList>;
  /** Runs until its signal fires; throws only when the server refuses for good or the handler throws. */
  readonly watch: (type: ResourceType, options: WatchOptions, handler: WatchHandler) => Promise<void>;
  readonly selfSubjectAccessReview: (question: AccessQuestion, options?: RequestOptions) => Promise<AccessAnswer>;
  readonly selfSubjectRulesReview: (namespace: string, options?: RequestOptions) => Promise<AccessRules>;
  readonly version: (options?: RequestOptions) => Promise<ServerVersion>;
  /** The text at a path, such as `/readyz?verbose`. */
  readonly getText: (path: string, options?: RequestOptions) => Promise<string>;
  /** How many requests run and wait, and how many may run at once. */
  readonly load: AdaptiveLimit['state'];
  /** Ends watches and waits for requests in flight. */
  readonly close: () => Promise<void>;
};

const defaultRetryForMs = 60_000;
const defaultTimeoutMs = 70_000;

/** A client for one context of a kubeconfig. Opens nothing yet. Throws `invalid` for an unusable kubeconfig. */
export function createClusterClient(options: ClusterClientOptions): ClusterClient {
  const access = readKubeconfig(options.kubeconfig, options);
  const maximum = options.maximumInFlight ?? defaultLimit.maximum;
  const limit = createAdaptiveLimit({ ...defaultLimit, initial: Math.min(defaultLimit.initial, maximum), maximum });
  const transport = createTransport(openConnection(access, maximum), limit, {
    retryForMs: options.retryForMs ?? defaultRetryForMs,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
  });
  const discovery = createDiscovery(transport);
  const getText: ClusterClient['getText'] = async (path, request) =>
    (await transport.send({ ...request, method: 'GET', path, accept: '*/*' })).body;

  return {
    ...createObjectRequests(transport, discovery),
    server: transport.server,
    contact: transport.contact,
    namespace: access.namespace,
    discovery,
    openApi: createOpenApi(transport),
    list: async (type, request = {}) =>
      await listAll(transport, await discovery.requireResource(type, request), request),
    listPages: async function* (type, request = {}) {
      yield* listPages(transport, await discovery.requireResource(type, request), request);
    },
    watch: async (type, request, handler) => {
      const resource = await discovery.requireResource(type, request);
      await watchObjects({ transport, resource, options: request }, handler);
    },
    selfSubjectAccessReview: (question, request) => reviewAccess(transport, question, request),
    selfSubjectRulesReview: (namespace, request) => reviewRules(transport, namespace, request),
    version: async (request) =>
      parseAnswer(await transport.send({ ...request, method: 'GET', path: '/version' }), versionSchema),
    getText,
    load: limit.state,
    close: transport.close,
  };
}
