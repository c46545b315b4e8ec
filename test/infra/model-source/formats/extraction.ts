import { globSync, readFileSync, statSync } from 'node:fs';
import type { Finding } from '../../../../domain/finding.ts';
import type { ModelHead } from '../../../../domain/registry/model-member.ts';
import { memberKey } from '../../../../domain/registry/model-member.ts';
import { extractModels } from '../../../../infra/model-source/extract.ts';
import type { ExtractedMember, ExtractOptions } from '../../../../infra/model-source/extracted.ts';
import { memoryTree, type SourceTree } from '../../../../infra/model-source/source-tree.ts';

/** A model with all its members, for tests of small sources. */
export type WholeModel = { readonly head: ModelHead; readonly members: readonly ExtractedMember[] };
export type WholeExtraction = { readonly models: readonly WholeModel[]; readonly findings: readonly Finding[] };

/** The files of a folder of this repository. */
export function folderTree(folder: string): SourceTree {
  const paths = globSync('**/*', { cwd: folder }).filter((path) => statSync(`${folder}/${path}`).isFile());
  return memoryTree(new Map(paths.map((path) => [path, readFileSync(`${folder}/${path}`)])));
}

export function textTree(files: Readonly<Record<string, string>>): SourceTree {
  return memoryTree(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));
}

/** All that a source gives. */
export async function extractAll(tree: SourceTree, options: Partial<ExtractOptions> = {}): Promise<WholeExtraction> {
  const models: WholeModel[] = [];
  const findings: Finding[] = [];
  for await (const part of extractModels(tree, { label: 'test', programs: {}, scratch: noScratch, ...options }))
    if ('findings' in part) findings.push(...part.findings);
    else models.push({ head: part.head, members: await Array.fromAsync(part.members) });
  return { models, findings };
}

/** `component Gateway@networking.istio.io/v1` and so on. */
export function namesOf(members: readonly ExtractedMember[]): readonly string[] {
  return members.map((member) =>
    member.type === 'rejected' ? `rejected ${member.place}` : `${member.type} ${memberKey(member)}`,
  );
}

const noScratch = {
  folder: '/nonexistent',
  newPath: (): string => {
    throw new Error('this source needs no scratch folder');
  },
};
