import { SlipwayError } from '../../domain/errors.ts';
import type { SourceConnection } from '../../domain/source-connection.ts';
import type { GitClient } from './git/client.ts';
import { checkRepository } from './helm/repository.ts';
import { createOciClient } from './oci/client.ts';
import { withScratch } from './scratch.ts';
import type { WebClient } from './web-client.ts';

/** What sources are reached with. */
export type SourceReach = {
  readonly web: WebClient;
  readonly git: GitClient;
  /** Slipway's state directory, for scratch folders. */
  readonly home: string;
};

/**
 * Asks a repository or a registry for what everybody asks first: the head of a Git repository, the index of a chart repository, the
 * version of a registry's API. Throws SlipwayErrors by what it answers.
 */
export async function reachSource(
  { web, git, home }: SourceReach,
  { kind, server, credential }: SourceConnection,
  signal?: AbortSignal,
): Promise<void> {
  switch (kind) {
    case 'git':
      return git.checkAccess({ url: server, credential, signal }).catch(notARepository);
    case 'helm':
      return withScratch(home, 'chart-repository', (into) =>
        checkRepository(web.trusting(credential.caCertificate), { repository: server, credential, into, signal }),
      );
    case 'oci':
      return createOciClient({ web: web.trusting(credential.caCertificate), credential }).checkAccess(server, signal);
  }
}

/** A connection may be for all repositories below an address, which answers nothing itself. */
function notARepository(error: unknown): never {
  if (!(error instanceof SlipwayError) || error.code !== 'notFound') throw error;
  throw new SlipwayError('notFound', error.message, {
    fix: 'Correct the address; where it stands for several repositories, try the connection by reading one of them.',
    cause: error,
  });
}
