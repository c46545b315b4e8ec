import type { Design } from '../../../domain/design.ts';
import { SlipwayError } from '../../../domain/errors.ts';
import type { Database } from '../../../infra/database/database.ts';
import {
  addRevision,
  createDesign,
  findDesign,
  readRevision,
  type StoredDesign,
} from '../../../infra/database/designs.ts';
import { exportDesign } from '../../../infra/design-source/export-design.ts';

/**
 * The stored design of what a model brings, made or at a new revision where the content differs. Throws SlipwayError
 * `conflict` where somebody keeps a design of their own under its name.
 */
export async function saveInstallationDesign(
  database: Database,
  { design, actor }: { readonly design: Design; readonly actor: string },
): Promise<StoredDesign> {
  const revision = { design, format: 'slipway', source: exportDesign(design, 'slipway'), findings: [], actor } as const;
  const stored = await findDesign(database, design.name);
  if (stored === undefined) return createDesign(database, { ...revision, name: design.name });
  const { design: present } = await readRevision(database, { id: stored.id, revision: stored.revision });
  if (modelOf(present) !== modelOf(design)) throw nameTaken(design.name);
  return addRevision(database, { ...revision, id: stored.id, expectedRevision: stored.revision });
}

/** The one model whose kinds and objects the design brings. */
function modelOf({ components }: Design): string | undefined {
  const names = new Set(components.map(({ model }) => model?.name));
  return names.size === 1 ? [...names][0] : undefined;
}

function nameTaken(name: string): SlipwayError {
  return new SlipwayError(
    'conflict',
    `what is missing would be installed by a design named ${name}, and another one has that name`,
    {
      fix: `Give the design ${name} another name, or install what is missing by hand.`,
    },
  );
}
