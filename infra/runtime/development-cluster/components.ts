import { join } from 'node:path';
import type { ClusterFiles } from './files.ts';

/** The programs of a development cluster in the order in which they start. */
export const componentNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

export type ComponentName = (typeof componentNames)[number];

/** The loopback ports of the components; etcd has a socket instead. */
export type ComponentPorts = Readonly<Record<Exclude<ComponentName, 'etcd'>, number>>;

/** What the arguments of the components are made of. */
export type ComponentOptions = { readonly files: ClusterFiles; readonly ports: ComponentPorts };

/** etcd listens on sockets in its folder, which only this user can enter; it wants their names to end like a port. */
export const etcdSocket = 'etcd-client.sock:0';
const etcdPeerSocket = 'etcd-peer.sock:0';

const serviceRange = '10.96.0.0/16';
const podRange = '10.200.0.0/16';

/** The arguments of one component, the subcommand of `slipway-cluster` not included. */
export function componentArguments(name: ComponentName, options: ComponentOptions): readonly string[] {
  switch (name) {
    case 'etcd':
      return etcdArguments();
    case 'kube-apiserver':
      return apiserverArguments(options);
    case 'kube-controller-manager':
      return controllerManagerArguments(options);
    case 'kube-scheduler':
      return schedulerArguments(options);
    case 'kwok':
      return kwokArguments(options);
  }
}

function etcdArguments(): readonly string[] {
  return [
    '--name=development',
    '--data-dir=etcd',
    `--listen-client-urls=unix://${etcdSocket}`,
    `--advertise-client-urls=unix://${etcdSocket}`,
    `--listen-peer-urls=unix://${etcdPeerSocket}`,
    `--initial-advertise-peer-urls=unix://${etcdPeerSocket}`,
    `--initial-cluster=development=unix://${etcdPeerSocket}`,
    '--quota-backend-bytes=4294967296',
    '--log-level=warn',
  ];
}

function apiserverArguments({ files, ports }: ComponentOptions): readonly string[] {
  const certificate = (name: string): string => join(files.certificates, name);
  return [
    `--etcd-servers=unix://${etcdSocket}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports['kube-apiserver']}`,
    `--tls-cert-file=${certificate('apiserver.crt')}`,
    `--tls-private-key-file=${certificate('apiserver.key')}`,
    `--client-ca-file=${certificate('ca.crt')}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    `--service-cluster-ip-range=${serviceRange}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${certificate('service-account.key')}`,
    `--service-account-signing-key-file=${certificate('service-account.key')}`,
    // Loopback is no valid endpoint, and no simulated pod would call it.
    '--endpoint-reconciler-type=none',
    `--requestheader-client-ca-file=${certificate('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${certificate('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${certificate('front-proxy-client.key')}`,
    // By name, not by endpoint: a Service of type ExternalName leads to a webhook or an aggregated API on this machine,
    // whose loopback address no endpoint may have.
    '--enable-aggregator-routing=false',
    '--profiling=false',
  ];
}

function controllerManagerArguments({ files, ports }: ComponentOptions): readonly string[] {
  const certificate = (name: string): string => join(files.certificates, name);
  return [
    ...kubeconfigArguments(files.kubeconfigs.controllerManager),
    '--bind-address=127.0.0.1',
    `--secure-port=${ports['kube-controller-manager']}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--root-ca-file=${certificate('ca.crt')}`,
    `--service-account-private-key-file=${certificate('service-account.key')}`,
    `--cluster-signing-cert-file=${certificate('ca.crt')}`,
    `--cluster-signing-key-file=${certificate('ca.key')}`,
    // The defaults are meant to spare shared clusters: 20 requests a second make large designs wait for it.
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--profiling=false',
  ];
}

function schedulerArguments({ files, ports }: ComponentOptions): readonly string[] {
  return [
    ...kubeconfigArguments(files.kubeconfigs.scheduler),
    '--bind-address=127.0.0.1',
    `--secure-port=${ports['kube-scheduler']}`,
    '--leader-elect=false',
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--profiling=false',
  ];
}

function kwokArguments({ files, ports }: ComponentOptions): readonly string[] {
  return [
    `--kubeconfig=${files.kubeconfigs.kwok}`,
    `--config=${files.stages}`,
    '--manage-all-nodes=true',
    `--server-address=127.0.0.1:${ports.kwok}`,
    '--node-ip=10.100.0.1',
    `--cidr=${podRange}`,
    '--node-lease-duration-seconds=40',
  ];
}

function kubeconfigArguments(kubeconfig: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
  ];
}
