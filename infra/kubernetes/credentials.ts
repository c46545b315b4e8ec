import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { SlipwayError } from '../../domain/errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import type { KubeconfigUser } from './kubeconfig-schema.ts';

/** Header values by lower-case name; several values make several header lines. */
export type RequestHeaders = Readonly<Record<string, string | string[]>>;

/** Who the requests come from. Never logged, never part of an error. */
export type Credentials = {
  readonly headers: RequestHeaders;
  /** PEM. */
  readonly certificate: string | undefined;
  /** PEM. */
  readonly key: string | undefined;
};

export type CredentialSource = {
  /** May run the user's login program; rejects with `unauthenticated` when that fails. */
  readonly get: () => Promise<Credentials>;
  /** Forgets credentials that the server refused. False where asking again gives the same ones. */
  readonly forget: () => boolean;
};

/** How long renewable credentials are used before they are asked for again; client-go reads token files so often. */
const renewAfterMs = 60_000;

type Obtained = { readonly credentials: Promise<Credentials>; readonly renewAt: number };

/** The credentials of a kubeconfig's user, kept and renewed. */
export function createCredentialSource(access: ClusterAccess): CredentialSource {
  const { user } = access;
  const hasLogin = user.exec !== undefined || user['auth-provider'] !== undefined;
  const isRenewable = hasLogin || user.tokenFile !== undefined;
  let login = createLogin(access);
  let current: Obtained | undefined;

  const obtain = async (): Promise<Credentials> => {
    const known = await knownCredentials(user);
    if (!hasLogin) return known;
    const obtained = await login();
    return { ...obtained, headers: { ...known.headers, ...obtained.headers } };
  };

  const start = (): Promise<Credentials> => {
    const renewAt = isRenewable ? performance.now() + renewAfterMs : Number.POSITIVE_INFINITY;
    const started: Obtained = { credentials: obtain(), renewAt };
    current = started;
    started.credentials.catch(() => {
      if (current === started) current = undefined;
    });
    return started.credentials;
  };

  return {
    get: () => (current !== undefined && performance.now() < current.renewAt ? current.credentials : start()),
    forget: () => {
      if (!isRenewable) return false;
      login = createLogin(access);
      current = undefined;
      return true;
    },
  };
}

async function knownCredentials(user: KubeconfigUser): Promise<Credentials> {
  const { tokenFile } = user;
  const token = tokenFile === undefined ? user.token : await readToken(tokenFile);
  return {
    headers: { ...impersonation(user), ...authorization(user, token) },
    certificate: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}

function authorization(user: KubeconfigUser, token: string | undefined): RequestHeaders {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (user.username === undefined) return {};
  const pair = `${user.username}:${user.password ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation */
function impersonation(user: KubeconfigUser): RequestHeaders {
  const extra = Object.entries(user['as-user-extra'] ?? {});
  return {
    ...(user.as === undefined ? {} : { 'impersonate-user': user.as }),
    ...(user['as-uid'] === undefined ? {} : { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'] === undefined ? {} : { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, values])),
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new SlipwayError('unauthenticated', `the token file ${file} cannot be read`, { cause });
  }
}

/**
 * Login programs and auth providers are run by @kubernetes/client-node, which keeps what they gave until it expires.
 * It is loaded only for them, as it costs a second and 80 MB in each process.
 */
function createLogin(access: ClusterAccess): () => Promise<Credentials> {
  let config: KubeConfig | undefined;
  return async () => {
    config ??= await loadConfig(access);
    const obtained: RequestOptions = {};
    await config.applyToHTTPSOptions(obtained).catch((cause: unknown) => {
      throw loginFailed(access, cause);
    });
    return { headers: lowerCased(obtained.headers), certificate: textOf(obtained.cert), key: textOf(obtained.key) };
  };
}

async function loadConfig({ context, cluster, user }: ClusterAccess): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const { exec, 'auth-provider': authProvider } = user;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: context, server: cluster.server, skipTLSVerify: true },
    {
      name: context,
      ...(exec === undefined ? {} : { exec }),
      ...(authProvider === undefined ? {} : { authProvider: { ...authProvider, config: { ...authProvider.config } } }),
    },
  );
  return config;
}

function loginFailed({ user }: ClusterAccess, cause: unknown): SlipwayError {
  const program = user.exec?.command ?? `auth provider ${user['auth-provider']?.name ?? ''}`;
  const reason = cause instanceof Error ? cause.message.trim().slice(0, 300) : 'it failed';
  return new SlipwayError(
    'unauthenticated',
    `the kubeconfig's login program ${program} gave no credential: ${reason}`,
    {
      fix: `Run ${program} by hand to see what it needs.`,
    },
  );
}

function lowerCased(headers: RequestOptions['headers']): RequestHeaders {
  const pairs = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(pairs);
}

function textOf(pem: RequestOptions['cert'] | RequestOptions['key']): string | undefined {
  if (typeof pem === 'string') return pem;
  return Buffer.isBuffer(pem) ? pem.toString('utf8') : undefined;
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}
