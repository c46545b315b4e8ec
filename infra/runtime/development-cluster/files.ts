import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makePrivateFolder, writePrivateFile } from '../private-file.ts';

const run = promisify(execFile);

/** What the cluster calls itself in a kubeconfig. */
export const clusterName = 'slipway-development';

/** Who talks to the API server: the person at the machine and the components, each with the user that RBAC expects. */
const users = {
  admin: { user: 'slipway-admin', groups: 'system:masters' },
  controllerManager: { user: 'system:kube-controller-manager', groups: '' },
  scheduler: { user: 'system:kube-scheduler', groups: '' },
  kwok: { user: 'slipway-kwok', groups: 'system:masters' },
} as const;

type UserName = keyof typeof users;

/** The files of a development cluster, all in its own folder and readable by this user only. */
export type ClusterFiles = {
  readonly folder: string;
  readonly certificates: string;
  readonly tokens: string;
  readonly stages: string;
  readonly kubeconfigs: Readonly<Record<UserName, string>>;
};

/** How to reach the API server with full rights. */
export type ClusterAccess = {
  readonly server: string;
  readonly token: string;
  readonly certificateAuthority: string;
};

/** Where the files of the cluster in `folder` are. */
export function clusterFiles(folder: string): ClusterFiles {
  const kubeconfig = (name: string): string => join(folder, 'kubeconfigs', `${name}.yaml`);
  return {
    folder,
    certificates: join(folder, 'certificates'),
    tokens: join(folder, 'tokens.csv'),
    stages: fileURLToPath(new URL('stages.yaml', import.meta.url)),
    kubeconfigs: {
      admin: kubeconfig('admin'),
      controllerManager: kubeconfig('controller-manager'),
      scheduler: kubeconfig('scheduler'),
      kwok: kubeconfig('kwok'),
    },
  };
}

/** Writes what is missing: keys and tokens stay as they were, kubeconfigs follow the port. */
export async function writeClusterFiles(files: ClusterFiles, program: string, port: number): Promise<ClusterAccess> {
  await makePrivateFolder(files.folder);
  await run(program, ['certificates', files.certificates]);
  const tokens = await readOrMakeTokens(files.tokens);
  const certificateAuthority = await readFile(join(files.certificates, 'ca.crt'), 'utf8');
  const access = { server: `https://127.0.0.1:${port}`, certificateAuthority, token: tokens.admin };
  await Promise.all(
    userNames.map((name) =>
      writePrivateFile(files.kubeconfigs[name], kubeconfigText({ ...access, token: tokens[name] })),
    ),
  );
  return access;
}

const userNames = ['admin', 'controllerManager', 'scheduler', 'kwok'] as const satisfies readonly UserName[];

type Tokens = Readonly<Record<UserName, string>>;

async function readOrMakeTokens(file: string): Promise<Tokens> {
  const kept = new Map((await readFile(file, 'utf8').catch(() => '')).split('\n').map(tokenOfLine));
  const tokenOf = (name: UserName): string => kept.get(users[name].user) ?? randomBytes(32).toString('base64url');
  const tokens = {
    admin: tokenOf('admin'),
    controllerManager: tokenOf('controllerManager'),
    scheduler: tokenOf('scheduler'),
    kwok: tokenOf('kwok'),
  };
  const lines = userNames.map(
    (name) => `${tokens[name]},${users[name].user},${users[name].user},"${users[name].groups}"`,
  );
  await writePrivateFile(file, `${lines.join('\n')}\n`);
  return tokens;
}

function tokenOfLine(line: string): readonly [string, string] {
  const [token = '', user = ''] = line.split(',');
  return [user, token];
}

/** JSON is YAML, and needs no quoting rules. */
function kubeconfigText(access: ClusterAccess): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: clusterName,
        cluster: {
          server: access.server,
          'certificate-authority-data': Buffer.from(access.certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name: clusterName, user: { token: access.token } }],
    contexts: [
      {
        name: clusterName,
        context: { cluster: clusterName, user: clusterName, namespace: 'default' },
      },
    ],
    'current-context': clusterName,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
