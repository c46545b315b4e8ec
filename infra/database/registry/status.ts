import { eq, sql } from 'drizzle-orm';
import type { DefinitionStatus } from '../../../domain/registry/model.ts';
import type { Database } from '../database.ts';
import { requireComponent, type StoredComponent } from './components.ts';
import { type ModelDetail, requireModel } from './models.ts';
import { markNewest } from './newest.ts';
import { requireRelationship, type StoredRelationship } from './relationships.ts';
import { components, models, relationships } from './tables.ts';

/** The model with that status, which its next revisions keep. Throws SlipwayError `notFound`. */
export async function setModelStatus(
  database: Database,
  { model: reference, status }: { readonly model: string; readonly status: DefinitionStatus },
): Promise<ModelDetail> {
  const model = await requireModel(database, reference);
  if (model.status === status) return model;
  await database.write((queries) => [
    queries.update(models).set({ status }).where(eq(models.id, model.id)),
    markNewest(queries, sql`(${model.name})`),
  ]);
  return requireModel(database, model.id);
}

/** The component with that status, which it keeps in the next revisions of its model. Throws SlipwayError `notFound`. */
export async function setComponentStatus(
  database: Database,
  { component: reference, status }: { readonly component: string; readonly status: DefinitionStatus },
): Promise<StoredComponent> {
  const component = await requireComponent(database, reference);
  await database.write((queries) => [
    queries.update(components).set({ status }).where(eq(components.id, component.id)),
  ]);
  return { ...component, status };
}

/** The relationship with that status, which it keeps in the next revisions of its model. Throws SlipwayError `notFound`. */
export async function setRelationshipStatus(
  database: Database,
  { relationship: reference, status }: { readonly relationship: string; readonly status: DefinitionStatus },
): Promise<StoredRelationship> {
  const relationship = await requireRelationship(database, reference);
  await database.write((queries) => [
    queries.update(relationships).set({ status }).where(eq(relationships.id, relationship.id)),
  ]);
  return { ...relationship, status };
}
