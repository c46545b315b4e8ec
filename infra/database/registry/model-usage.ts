import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { deploymentStates } from '../../../domain/deployment.ts';
import { componentKey, type ComponentKind } from '../../../domain/registry/component-definition.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database } from '../database.ts';

export const usingDesignSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** How many components of its newest revision declare such a kind. */
  componentCount: z.number().int(),
  /** Whether one of them can be declared by nothing else in the registry. */
  needed: z.coerce.boolean(),
});

export const usingDeploymentSchema = z.object({
  id: z.string(),
  designId: z.string(),
  designName: z.string(),
  connectionId: z.string(),
  connectionName: z.string(),
  state: z.enum(deploymentStates),
  /** How many objects that it owns are of such a kind. */
  objectCount: z.number().int(),
  /** Whether one of them is described by nothing else in the registry. */
  needed: z.coerce.boolean(),
});

/** A design whose newest revision declares kinds of a model. */
export type UsingDesign = z.infer<typeof usingDesignSchema>;
/** A deployment that owns objects of kinds of a model. */
export type UsingDeployment = z.infer<typeof usingDeploymentSchema>;

/** What is used: all kinds of a model, or some of them. */
export type UsedPart = {
  readonly modelId: string;
  readonly components?: readonly ComponentKind[] | undefined;
};

/** Stored designs that declare the model's kinds and do not name another model for them; by name. */
export async function listUsingDesigns(
  database: Database,
  { modelId, components, ...request }: UsedPart & PageRequest,
): Promise<Page<UsingDesign>> {
  const after = decodeCursor(request, z.string()) ?? '';
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries.all(sql`
      select designs.id, designs.name, count(*) as componentCount, max(not ${isDeclaredElsewhere}) as needed
      from ${declarations(modelId)} join designs on designs.id = declared.design_id
      where designs.name > ${after} and ${isAmong(components)}
      group by designs.id order by designs.name limit ${size + 1}`),
  );
  const using = rows.map((row) => usingDesignSchema.parse(row));
  return toPage(using, size, { item: (row) => row, key: ({ name }) => name });
}

/** Deployments that own objects of the model's kinds, oldest first. */
export async function listUsingDeployments(
  database: Database,
  { modelId, components, ...request }: UsedPart & PageRequest,
): Promise<Page<UsingDeployment>> {
  const after = decodeCursor(request, z.string()) ?? '';
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries.all(sql`
      select deployments.id, deployments.design_id as designId, designs.name as designName, deployments.state,
        deployments.connection_id as connectionId, connections.name as connectionName,
        count(*) as objectCount, max(not ${isDescribedElsewhere}) as needed
      from ${ownedObjects(modelId)}
      join deployments on deployments.id = owned.deployment_id
      join designs on designs.id = deployments.design_id
      join connections on connections.id = deployments.connection_id
      where deployments.id > ${after} and ${isAmong(components)}
      group by deployments.id order by deployments.id limit ${size + 1}`),
  );
  const using = rows.map((row) => usingDeploymentSchema.parse(row));
  return toPage(using, size, { item: (row) => row, key: ({ id }) => id });
}

/** The condition that a stored design or a deployment uses something of the model that no other model of the registry has. */
export function isNeeded(modelId: string): SQL {
  return sql`(
    exists (select 1 from ${declarations(modelId)} where not ${isDeclaredElsewhere})
    or exists (select 1 from ${ownedObjects(modelId)} where not ${isDescribedElsewhere}))`;
}

/** Components of designs that the model defines: their design names this model and version, or none. */
function declarations(modelId: string): SQL {
  return sql`models this
    join components used on used.model_id = this.id and this.id = ${modelId}
    join design_components declared on declared.kind = used.kind and declared.api_version = used.api_version
      and coalesce(declared.model_name, this.name) = this.name
      and coalesce(declared.model_version, this.version) = this.version`;
}

function ownedObjects(modelId: string): SQL {
  return sql`models this
    join inventory owned
    join components used on used.model_id = this.id and used.kind = owned.kind and used.api_version = owned.api_version
      and this.id = ${modelId}`;
}

/** Whether another usable version of a model has the kind. */
const isDescribedElsewhere = existsElsewhere(sql`true`);

/** The same, and is one that the design's component may mean. */
const isDeclaredElsewhere = existsElsewhere(sql`
  coalesce(declared.model_name, other.name) = other.name
  and coalesce(declared.model_version, other.version) = other.version`);

function existsElsewhere(condition: SQL): SQL {
  return sql`exists (
    select 1 from components same join models other on other.id = same.model_id
    where same.kind = used.kind and same.api_version = used.api_version and same.status in ('enabled', 'deprecated')
      and other.id <> this.id and other.state = 'published' and other.status in ('enabled', 'deprecated')
      and ${condition})`;
}

function isAmong(components: readonly ComponentKind[] | undefined): SQL {
  if (components === undefined) return sql`true`;
  const keys = JSON.stringify(components.map(componentKey));
  return sql`used.kind || '@' || used.api_version in (select value from json_each(${keys}))`;
}
