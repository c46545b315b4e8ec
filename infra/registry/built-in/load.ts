import { readdir, readFile } from 'node:fs/promises';
import { type Model, modelSchema } from '../../../domain/registry/model.ts';
import {
  type RelationshipDefinition,
  relationshipDefinitionSchema,
} from '../../../domain/registry/relationship-definition.ts';

/** What Slipway itself brings to a registry. */
export type BuiltInModel = { readonly model: Model; readonly relationships: readonly RelationshipDefinition[] };

const folder = new URL('./', import.meta.url);
let loading: Promise<BuiltInModel> | undefined;

/** The relationships of the kinds of Kubernetes, by name. They are read once in a process. */
export function loadBuiltInModel(): Promise<BuiltInModel> {
  loading ??= readBuiltInModel();
  return loading;
}

async function readBuiltInModel(): Promise<BuiltInModel> {
  const relationships = new URL('relationships/', folder);
  const files = (await readdir(relationships)).filter((file) => file.endsWith('.json'));
  const definitions = await Promise.all(
    files.map(async (file) => relationshipDefinitionSchema.parse(await readJson(new URL(file, relationships)))),
  );
  return {
    model: modelSchema.parse(await readJson(new URL('model.json', folder))),
    relationships: definitions.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

async function readJson(file: URL): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
