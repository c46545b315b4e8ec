import { fileURLToPath } from 'node:url';

/** The operating system and processor as Go and most releases call them. */
export type Platform = { readonly os: string; readonly arch: string };

/** What a project publishes of one version: the file and the list of checksums that it must be in. */
export type Release = {
  readonly url: (platform: Platform) => string;
  readonly checksumsUrl: (platform: Platform) => string;
  /** Path of the program inside a .tar.gz; left out when the file is the program itself. */
  readonly member?: (platform: Platform) => string;
};

/** A program that Slipway runs and the roads by which it can be had. */
export type Program = {
  readonly name: string;
  readonly version: string;
  /** The environment variable that names a program to use instead. */
  readonly environmentVariable: string;
  readonly versionArguments: readonly string[];
  /** The oldest version found on PATH that will do. */
  readonly minimumVersion: string;
  readonly release?: Release;
  /** A Go module in a folder of its own, with every version pinned by its go.sum. */
  readonly module: { readonly folder: string; readonly package: string; readonly linkerFlags: string };
};

const strip = '-s -w';

function moduleFolder(name: string): string {
  return fileURLToPath(new URL(`../servers/${name}`, import.meta.url));
}

/** Every program that Slipway can provide for itself. */
export const programs = {
  temporal: {
    name: 'temporal',
    version: '1.5.1',
    environmentVariable: 'SLIPWAY_TEMPORAL_BIN',
    versionArguments: ['--version'],
    minimumVersion: '1.1',
    release: {
      url: ({ os, arch }) =>
        `https://github.com/temporalio/cli/releases/download/v1.5.1/temporal_cli_1.5.1_${os}_${arch}.tar.gz`,
      checksumsUrl: () => 'https://github.com/temporalio/cli/releases/download/v1.5.1/checksums.txt',
      member: () => 'temporal',
    },
    module: {
      folder: moduleFolder('temporal'),
      package: 'github.com/temporalio/cli/cmd/temporal',
      linkerFlags: `${strip} -X github.com/temporalio/cli/temporalcli.Version=1.5.1`,
    },
  },
  'slipway-cluster': {
    name: 'slipway-cluster',
    version: '1.36.3',
    environmentVariable: 'SLIPWAY_CLUSTER_BIN',
    versionArguments: ['kube-apiserver', '--version'],
    minimumVersion: '1.36',
    module: {
      folder: moduleFolder('cluster'),
      package: '.',
      // Clients cannot parse the version that a plain build reports.
      linkerFlags: `${strip} -X k8s.io/component-base/version.gitVersion=v1.36.3`,
    },
  },
  kwok: {
    name: 'kwok',
    version: '0.8.0',
    environmentVariable: 'SLIPWAY_KWOK_BIN',
    versionArguments: ['--version'],
    minimumVersion: '0.8',
    // Its releases carry no checksums, and it builds in seconds from what slipway-cluster has compiled.
    module: { folder: moduleFolder('cluster'), package: 'sigs.k8s.io/kwok/cmd/kwok', linkerFlags: strip },
  },
  helm: {
    name: 'helm',
    version: '4.3.1',
    environmentVariable: 'SLIPWAY_HELM_BIN',
    versionArguments: ['version'],
    minimumVersion: '3.8',
    release: {
      url: ({ os, arch }) => `https://get.helm.sh/helm-v4.3.1-${os}-${arch}.tar.gz`,
      checksumsUrl: ({ os, arch }) => `https://get.helm.sh/helm-v4.3.1-${os}-${arch}.tar.gz.sha256sum`,
      member: ({ os, arch }) => `${os}-${arch}/helm`,
    },
    module: { folder: moduleFolder('helm'), package: 'helm.sh/helm/v4/cmd/helm', linkerFlags: strip },
  },
  kustomize: {
    name: 'kustomize',
    version: '5.8.1',
    environmentVariable: 'SLIPWAY_KUSTOMIZE_BIN',
    versionArguments: ['version'],
    minimumVersion: '5.0',
    release: {
      url: ({ os, arch }) =>
        `https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.1/kustomize_v5.8.1_${os}_${arch}.tar.gz`,
      checksumsUrl: () =>
        'https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.1/checksums.txt',
      member: () => 'kustomize',
    },
    module: { folder: moduleFolder('kustomize'), package: 'sigs.k8s.io/kustomize/kustomize/v5', linkerFlags: strip },
  },
  kompose: {
    name: 'kompose',
    version: '1.37.0',
    environmentVariable: 'SLIPWAY_KOMPOSE_BIN',
    versionArguments: ['version'],
    minimumVersion: '1.30',
    release: {
      url: ({ os, arch }) => `https://github.com/kubernetes/kompose/releases/download/v1.37.0/kompose-${os}-${arch}`,
      checksumsUrl: () => 'https://github.com/kubernetes/kompose/releases/download/v1.37.0/SHA256_SUM',
    },
    module: { folder: moduleFolder('kompose'), package: 'github.com/kubernetes/kompose', linkerFlags: strip },
  },
  registry: {
    name: 'registry',
    version: '3.1.2',
    environmentVariable: 'SLIPWAY_REGISTRY_BIN',
    versionArguments: ['--version'],
    minimumVersion: '3.0',
    // Its releases are for Linux only, and their lists of checksums name no files. Only tests and benchmarks run it.
    module: {
      folder: moduleFolder('registry'),
      package: 'github.com/distribution/distribution/v3/cmd/registry',
      linkerFlags: `${strip} -X github.com/distribution/distribution/v3/version.version=3.1.2`,
    },
  },
  kapp: {
    name: 'kapp',
    version: '0.64.0',
    environmentVariable: 'SLIPWAY_KAPP_BIN',
    versionArguments: ['version'],
    minimumVersion: '0.60',
    // Only benchmarks run it.
    module: {
      folder: moduleFolder('kapp'),
      package: 'carvel.dev/kapp/cmd/kapp',
      linkerFlags: `${strip} -X carvel.dev/kapp/pkg/kapp/version.Version=0.64.0`,
    },
  },
} as const satisfies Readonly<Record<string, Program>>;

/** What Slipway calls the programs that it can provide. */
export type ProgramName = keyof typeof programs;

/**
 * Those that tests need, in the order in which it is best to provide them: kwok builds on what slipway-cluster compiled. A Slipway that
 * is started asks for those that it needs, one by one.
 */
export const programNames = [
  'temporal',
  'slipway-cluster',
  'kwok',
  'helm',
  'kustomize',
  'kompose',
  'registry',
] as const satisfies readonly ProgramName[];
