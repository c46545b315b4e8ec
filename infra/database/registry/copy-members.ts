import { sql } from 'drizzle-orm';
import type { Queries } from '../database.ts';
import { components, installedKinds, modelMembers, relationships } from './tables.ts';
import type { Statement } from './write-members.ts';

/** The statements that give a model the members of another one but those named `type key` in `except`: no body is read. */
export function copyMembers(
  queries: Queries,
  { from, to, except }: { readonly from: string; readonly to: string; readonly except: readonly string[] },
): readonly Statement[] {
  const kept = sql`not in (select value from json_each(${JSON.stringify(except)}))`;
  return [
    queries.insert(modelMembers).select(
      sql`select ${to}, type, key, digest, attachment_digest from ${modelMembers}
        where model_id = ${from} and type || ' ' || key ${kept}`,
    ),
    queries.insert(components).select(
      sql`select null, ${to}, kind, api_version, display_name, description, words, scope, adapter, digest, 'enabled'
        from ${components} where model_id = ${from} and 'component ' || kind || '@' || api_version ${kept}`,
    ),
    queries.insert(relationships).select(
      sql`select null, ${to}, name, kind, type, sub_type, description, found_by, from_kinds, to_kinds, digest, 'enabled'
        from ${relationships} where model_id = ${from} and 'relationship ' || name ${kept}`,
    ),
    queries.insert(installedKinds).select(
      sql`select ${to}, installation, kind, api_version from ${installedKinds}
        where model_id = ${from} and 'installation ' || installation ${kept}`,
    ),
  ];
}
