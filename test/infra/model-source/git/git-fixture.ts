import { createAddressGuard } from '../../../../infra/model-source/address-guard.ts';
import { createGitClient, type GitClient, type GitClientOptions } from '../../../../infra/model-source/git/client.ts';
import type { SourceTree } from '../../../../infra/model-source/source-tree.ts';
import { temporaryFolder } from '../scratch-folder.ts';

/** A client that may speak to this machine. */
export async function testGit(options: Partial<GitClientOptions> = {}): Promise<GitClient> {
  return createGitClient({
    guard: createAddressGuard({ allowed: ['127.0.0.1', 'git.test'] }),
    home: await temporaryFolder(),
    path: process.env['PATH'] ?? '',
    ...options,
  });
}

/** Every file with its text. */
export async function textsIn(tree: SourceTree): Promise<Readonly<Record<string, string>>> {
  const texts: [string, string][] = [];
  for (const { path } of tree.files) texts.push([path, new TextDecoder().decode(await tree.read(path))]);
  return Object.fromEntries(texts);
}
