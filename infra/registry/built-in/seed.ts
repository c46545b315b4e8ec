import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../../domain/errors.ts';
import { canonicalJson } from '../../../domain/json.ts';
import { type ModelMember, modelHeadSchema } from '../../../domain/registry/model-member.ts';
import { formatModelReference, modelSchema } from '../../../domain/registry/model.ts';
import type { Database } from '../../database/database.ts';
import { membersOf } from '../../database/registry/members.ts';
import { findModel } from '../../database/registry/models.ts';
import { publishStaged } from '../../database/registry/publish-staged.ts';
import { stageModel } from '../../database/registry/stage-model.ts';
import { discardStaged } from '../../database/registry/staged.ts';
import { digestOf } from '../../digest.ts';
import { type BuiltInModel, loadBuiltInModel } from './load.ts';

const place = { operationId: 'builtIn', position: 0 } as const;
const maxTries = 5;
const pauseMs = 200;

/**
 * Puts what Slipway itself brings into the registry. Where it is there already nothing is written; processes that start at
 * once may all call it.
 */
export async function seedBuiltInModel(database: Database): Promise<void> {
  const builtIn = await loadBuiltInModel();
  for (let attempt = 1; !(await isStored(database, builtIn)); attempt += 1) {
    try {
      await store(database, builtIn);
    } catch (error) {
      const isOvertaken = error instanceof SlipwayError && error.code === 'unavailable';
      if (!isOvertaken || attempt === maxTries) throw error;
      await sleep(pauseMs * attempt);
    }
  }
}

async function isStored(database: Database, { model, relationships }: BuiltInModel): Promise<boolean> {
  const stored = await findModel(database, formatModelReference(model));
  if (stored === undefined || !isSameModel(stored, model)) return false;
  const members = await Array.fromAsync(membersOf(database, { modelId: stored.id }));
  const wanted = relationships.map((definition) => `${definition.name} ${digestOf(definition)}`);
  return (
    canonicalJson(members.map(({ key, digest }) => `${key} ${digest}`).toSorted()) === canonicalJson(wanted.toSorted())
  );
}

function isSameModel(stored: object, model: BuiltInModel['model']): boolean {
  const fields = Object.fromEntries(Object.entries(stored).filter(([name]) => name in modelSchema.shape));
  return canonicalJson(fields) === canonicalJson(model);
}

async function store(database: Database, { model, relationships }: BuiltInModel): Promise<void> {
  await discardStaged(database, place);
  const staged = await stageModel(database, {
    ...place,
    actor: 'slipway',
    source: 'built in',
    registrant: { kind: 'builtIn', address: '' },
    head: modelHeadSchema.parse({ model }),
  });
  await staged.add(relationships.map((definition): ModelMember => ({ type: 'relationship', definition })));
  await staged.seal();
  await publishStaged(database, { ...place, modelCount: 1 });
}
