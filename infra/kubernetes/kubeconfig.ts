import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { SlipwayError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import { type Kubeconfig, type KubeconfigCluster, type KubeconfigUser, parseKubeconfig } from './kubeconfig-schema.ts';

export type KubeconfigOptions = {
  /** Default: the kubeconfig's current context, or its only one. */
  readonly context?: string;
  /**
   * True for a file that the person running this process named. Only then may it run programs and read files;
   * a kubeconfig that came over the network must never be trusted.
   */
  readonly trusted?: boolean;
  /** Where relative file names start. Default: the working directory. */
  readonly directory?: string;
};

export type KubeconfigContext = {
  readonly name: string;
  readonly cluster: string;
  readonly user: string | undefined;
  readonly namespace: string | undefined;
  readonly server: string | undefined;
  readonly current: boolean;
};

/** One cluster and who to be there: all that a connection needs. */
export type ClusterAccess = {
  readonly context: string;
  readonly namespace: string | undefined;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
};

export type FlatKubeconfig = {
  /** A kubeconfig with one context and no references to certificate files. Holds credentials. */
  readonly text: string;
  readonly context: string;
  readonly server: string;
  readonly namespace: string | undefined;
  /** It still runs a program or reads a token file, so it opens only with `trusted`. */
  readonly needsTrust: boolean;
};

/** The contexts of a kubeconfig. Throws `invalid` with findings. */
export function listContexts(source: string): readonly KubeconfigContext[] {
  const kubeconfig = parseKubeconfig(source);
  return (kubeconfig.contexts ?? []).map(({ name, context }) => ({
    name,
    cluster: context.cluster,
    user: context.user,
    namespace: context.namespace,
    server: kubeconfig.clusters?.find((cluster) => cluster.name === context.cluster)?.cluster.server,
    current: name === kubeconfig['current-context'],
  }));
}

/** A self-contained kubeconfig of one context, to be stored. Throws `invalid`, also for what only a trusted one may hold. */
export function flattenKubeconfig(source: string, options: KubeconfigOptions = {}): FlatKubeconfig {
  const access = readKubeconfig(source, options);
  const name = access.context;
  const namespace = access.namespace === undefined ? {} : { namespace: access.namespace };
  const flat = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: access.cluster }],
    users: [{ name, user: access.user }],
    contexts: [{ name, context: { cluster: name, user: name, ...namespace } }],
  };
  return {
    text: JSON.stringify(flat),
    context: name,
    server: access.cluster.server,
    namespace: access.namespace,
    needsTrust: dangerousSettings(access).length > 0,
  };
}

/** The chosen context with its certificate files read. Throws `invalid`, also for what only a trusted one may hold. */
export function readKubeconfig(source: string, options: KubeconfigOptions = {}): ClusterAccess {
  const access = chooseContext(parseKubeconfig(source), options.context);
  if (options.trusted !== true) refuseDangerousSettings(access);
  requireTls(access.cluster);
  return withFilesRead(access, options.directory ?? process.cwd());
}

function chooseContext(kubeconfig: Kubeconfig, wanted: string | undefined): ClusterAccess {
  const { name, context } = findContext(kubeconfig, wanted);
  const cluster = kubeconfig.clusters?.find((candidate) => candidate.name === context.cluster)?.cluster;
  if (cluster === undefined) throw missing(name, 'cluster', context.cluster);
  return { context: name, namespace: context.namespace, cluster, user: findUser(kubeconfig, { name, context }) };
}

type NamedContext = NonNullable<Kubeconfig['contexts']>[number];

function findContext(kubeconfig: Kubeconfig, wanted: string | undefined): NamedContext {
  const contexts = kubeconfig.contexts ?? [];
  const only = contexts.length === 1 ? contexts[0]?.name : undefined;
  const name = wanted ?? (kubeconfig['current-context'] || only);
  const found = contexts.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const known = contexts.map((candidate) => candidate.name).join(', ');
  const problem = name === undefined ? 'no current context' : `no context "${name}"`;
  throw new SlipwayError('invalid', `the kubeconfig has ${problem}`, {
    fix: known === '' ? 'Give a kubeconfig that has a context.' : `Name one of its contexts: ${known}`,
  });
}

/** A context without a user is an anonymous one. */
function findUser(kubeconfig: Kubeconfig, { name, context }: NamedContext): KubeconfigUser {
  if (context.user === undefined || context.user === '') return {};
  const user = kubeconfig.users?.find((candidate) => candidate.name === context.user)?.user;
  if (user === undefined) throw missing(name, 'user', context.user);
  return user;
}

function missing(context: string, what: string, name: string): SlipwayError {
  return new SlipwayError('invalid', `context "${context}" names the ${what} "${name}", which the kubeconfig lacks`);
}

/** The settings that run a program or read a file on the machine that opens the kubeconfig. */
const dangerousUserSettings = ['exec', 'auth-provider', 'tokenFile', 'client-certificate', 'client-key'] as const;

function dangerousSettings({ cluster, user }: ClusterAccess): readonly string[] {
  const ofUser = dangerousUserSettings.filter((name) => user[name] !== undefined).map((name) => `user.${name}`);
  return cluster['certificate-authority'] === undefined ? ofUser : ['cluster.certificate-authority', ...ofUser];
}

function refuseDangerousSettings(access: ClusterAccess): void {
  const findings = dangerousSettings(access).map((path): Finding => ({
    severity: 'error',
    code: 'kubeconfig.notSelfContained',
    message: 'would run a program or read a file on the server',
    path,
  }));
  if (findings.length === 0) return;
  const paths = findings.map((finding) => finding.path).join(', ');
  throw new SlipwayError('invalid', `the kubeconfig would run a program or read a file on the server: ${paths}`, {
    findings,
    fix: 'Embed certificates with: kubectl config view --raw --minify --flatten; use the token of a service account instead of a login program.',
  });
}

/** A token sent in the clear is a token given away. */
function requireTls(cluster: KubeconfigCluster): void {
  if (cluster.server.startsWith('https:') || cluster['insecure-skip-tls-verify'] === true) return;
  throw new SlipwayError('invalid', `the server ${cluster.server} is reached without encryption`, {
    fix: 'Use its https address, or set insecure-skip-tls-verify: true to accept that.',
  });
}

function withFilesRead(access: ClusterAccess, directory: string): ClusterAccess {
  const { 'certificate-authority': authority, ...cluster } = access.cluster;
  const { 'client-certificate': certificate, 'client-key': key, tokenFile, exec, ...user } = access.user;
  const embed = (name: string, file: string | undefined): Record<string, string> =>
    file === undefined ? {} : { [name]: readBase64(file, directory) };
  return {
    ...access,
    cluster: { ...cluster, ...embed('certificate-authority-data', authority) },
    user: {
      ...user,
      ...embed('client-certificate-data', certificate),
      ...embed('client-key-data', key),
      ...(tokenFile === undefined ? {} : { tokenFile: absolute(tokenFile, directory) }),
      ...(exec === undefined ? {} : { exec: { ...exec, command: programPath(exec.command, directory) } }),
    },
  };
}

function readBase64(file: string, directory: string): string {
  try {
    return readFileSync(absolute(file, directory)).toString('base64');
  } catch (cause) {
    throw new SlipwayError('invalid', `the kubeconfig names the file ${file}, which cannot be read`, { cause });
  }
}

/** A program is looked up on PATH unless its name has a slash, as in client-go. */
function programPath(command: string, directory: string): string {
  return command.includes('/') ? absolute(command, directory) : command;
}

function absolute(file: string, directory: string): string {
  return isAbsolute(file) ? file : resolve(directory, file);
}
