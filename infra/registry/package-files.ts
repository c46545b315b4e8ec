import { createHash } from 'node:crypto';
import { formatModelReference } from '../../domain/registry/model.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { componentKey } from '../../domain/registry/component-definition.ts';
import { memberKey, type Attachment, type ModelHead, type ModelMember } from '../../domain/registry/model-member.ts';
import { ownSchemas, writeOwnDocument } from '../../domain/registry/own-documents.ts';
import { toMesheryComponent, toMesheryModel, toMesheryRelationship } from '../../domain/registry/to-meshery.ts';
import { contentUuid } from './content-uuid.ts';
import type { ArchiveFile } from './tar-gz.ts';

/** A member as a package takes it: an attachment with its content. */
export type WritableMember =
  | Exclude<ModelMember, { type: 'attachment' }>
  | {
      readonly type: 'attachment';
      readonly definition: Attachment;
      readonly read: () => AsyncIterable<Uint8Array> | Promise<Uint8Array>;
    };

/** A model with its members in a fixed order, by type and key, so that the same model gives the same package. */
export type WritableModel = { readonly head: ModelHead; readonly members: AsyncIterable<WritableMember> };

/** The files of a model in the layout of Meshery's packages: `<model>/<version>/<definition version>/model.json` and so on. */
export async function* packageFiles({ head, members }: WritableModel): AsyncGenerator<ArchiveFile> {
  const { model, definitionVersion } = head;
  const folder = `${model.name}/${model.version}/${definitionVersion}`;
  yield jsonFile(
    `${folder}/model.json`,
    toMesheryModel({ head, id: contentUuid(`model ${formatModelReference(model)}`) }),
  );
  for await (const member of members) yield await memberFile(head, folder, member);
}

async function memberFile(head: ModelHead, folder: string, member: WritableMember): Promise<ArchiveFile> {
  if (member.type === 'attachment') {
    const { name, size } = member.definition;
    return { path: `${folder}/${name}`, size, content: await member.read() };
  }
  return jsonFile(`${folder}/${pathOf(member)}`, documentOf(head, member));
}

type DocumentMember = Exclude<WritableMember, { type: 'attachment' }>;

function documentOf(head: ModelHead, member: DocumentMember): JsonObject {
  const id = contentUuid(`${member.type} ${formatModelReference(head.model)}/${memberKey(member)}`);
  switch (member.type) {
    case 'component':
      return toMesheryComponent({ head, definition: member.definition, id });
    case 'relationship':
      return toMesheryRelationship({ head, definition: member.definition, id });
    default:
      return writeOwnDocument(ownSchemas[member.type], member.definition);
  }
}

function pathOf(member: DocumentMember): string {
  switch (member.type) {
    case 'component':
      return `components/${fileName(componentKey(member.definition).replace('@', '.').replaceAll('/', '.'))}`;
    default:
      return `${member.type}s/${fileName(member.definition.name)}`;
  }
}

/** The name where it can stand in a file name everywhere, else what can of it with a part of its digest. */
function fileName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/.test(name)) return `${name}.json`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return `${name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 100)}-${digest}.json`;
}

function jsonFile(path: string, document: JsonObject): ArchiveFile {
  const content = Buffer.from(`${stableJson(document)}\n`);
  return { path, size: content.length, content };
}

/** The outermost keys in the order in which people read them, all others sorted. */
function stableJson(document: JsonObject): string {
  return JSON.stringify(
    document,
    (key, value: unknown) =>
      key !== '' && isJsonObject(value)
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    2,
  );
}
