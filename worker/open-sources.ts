import type { GenerationDependencies } from '../activities/generation/dependencies.ts';
import { registryLimits } from '../domain/registry/limits.ts';
import type { Config } from '../infra/config.ts';
import type { Log } from '../infra/log.ts';
import { createAddressGuard } from '../infra/model-source/address-guard.ts';
import { createGitClient } from '../infra/model-source/git/client.ts';
import { createWebClient } from '../infra/model-source/web-client.ts';
import { provisionOnce } from '../infra/runtime/provision-once.ts';

export type SourceOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type OpenSources = {
  readonly dependencies: Pick<GenerationDependencies, 'web' | 'probe' | 'git' | 'programs' | 'limits'>;
  /** Gives the path of the program helm. */
  readonly helm: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** As long as a cluster that does not answer is tried. */
const probeRetryMs = 5_000;

/** The ways to sources of models: the web and Git behind one guard, and the programs that render what they hold. */
export function openSources({ config, log, environment }: SourceOptions): OpenSources {
  const guard = createAddressGuard({ allowed: config.allowedSources });
  const web = createWebClient({ guard });
  const probe = createWebClient({ guard, retryForMs: probeRetryMs });
  const program = (name: 'helm' | 'kustomize') =>
    provisionOnce(name, { environment, onProgress: (line) => log.info(line) });
  const helm = program('helm');
  return {
    helm,
    dependencies: {
      web,
      probe,
      git: createGitClient({ guard, home: config.home, path: environment['PATH'] ?? '' }),
      programs: { helm, kustomize: program('kustomize') },
      limits: { ...registryLimits, archiveEntries: config.archiveEntries },
    },
    close: async () => {
      await Promise.all([web.close(), probe.close()]);
    },
  };
}
