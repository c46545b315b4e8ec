import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Finding } from '../../../domain/finding.ts';
import { isJsonObject, type JsonObject } from '../../../domain/json.ts';
import { kindOfDocument } from '../../../domain/registry/document-kind.ts';
import { fromMesheryModel, registrantOf } from '../../../domain/registry/from-meshery-model.ts';
import { resolveModel } from '../../../domain/registry/model-hints.ts';
import type { ExtractedAttachment, ExtractedMember, ExtractedModel } from '../extracted.ts';
import { fallbackName, overrideHints, sourceHints, type ExtractionContext } from '../extraction-context.ts';
import { isIn, type PackageFolder } from '../plan-extraction.ts';
import type { SourceTree } from '../source-tree.ts';
import { chartMediaType } from './chart-file.ts';
import { documentMembers } from './document-members.ts';
import { designSample } from './sample.ts';
import { uniqueMembers } from './unique-members.ts';

/** The model that a Meshery package, or one of Slipway's own, holds. */
export async function extractPackage(context: ExtractionContext, found: PackageFolder): Promise<ExtractedModel> {
  const model = await readModel(context, found.modelFile);
  const { head, findings } = resolveModel(
    [overrideHints(context), fromMesheryModel(model), sourceHints(context)],
    fallbackName(context),
  );
  context.note(...findings);
  const registrant = registrantOf(model);
  return {
    head,
    ...(registrant === undefined ? {} : { registrant }),
    members: uniqueMembers(packageMembers(context, found), context),
  };
}

async function readModel({ reader }: ExtractionContext, path: string): Promise<JsonObject> {
  const { documents } = await reader.read(path);
  const value = documents.find((document) => kindOfDocument(document.value) === 'mesheryModel')?.value;
  return isJsonObject(value) ? value : {};
}

async function* packageMembers(context: ExtractionContext, found: PackageFolder): AsyncGenerator<ExtractedMember> {
  const charts = posix.join(found.folder, 'charts');
  for (const path of found.files) {
    if (isIn(path, charts)) {
      if (isPackedChart(path, charts)) yield await attachment(context.tree, path, found.folder);
    } else if (/\.(json|ya?ml)$/.test(path)) yield* fileMembers(context, path);
  }
}

async function* fileMembers({ reader, tree, note }: ExtractionContext, path: string): AsyncGenerator<ExtractedMember> {
  const { documents, findings } = await reader.read(path);
  if (findings.length > 0) yield { type: 'rejected', place: path, findings };
  for (const document of documents) {
    const kind = kindOfDocument(document.value);
    const { members, notes } = documentMembers(document);
    note(...notes);
    yield* members;
    if (kind === 'design') yield await designSample(tree, path);
    if (kind === 'other' && isConnection(document.value)) note(connectionLeft(document.place));
  }
}

function isConnection(value: unknown): boolean {
  return isJsonObject(value) && String(value['schemaVersion']).startsWith('connections.meshery.io/');
}

function connectionLeft(file: string): Finding {
  return {
    severity: 'note',
    code: 'package.connection',
    message: 'The definition of a kind of connection is left out: Slipway has its own.',
    file,
  };
}

/** The archive itself; the files in it stand below it. */
function isPackedChart(path: string, charts: string): boolean {
  return posix.dirname(path) === charts && /\.(tgz|tar\.gz)$/.test(path);
}

/** A file that is kept as it is, by its digest. */
async function attachment(tree: SourceTree, path: string, folder: string): Promise<ExtractedAttachment> {
  const bytes = await tree.read(path);
  return {
    type: 'attachment',
    place: path,
    definition: {
      name: posix.relative(folder, path),
      mediaType: chartMediaType,
      digest: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
    },
    read: () => tree.read(path),
  };
}
