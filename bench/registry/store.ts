import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../infra/database/database.ts';
import { publishStaged } from '../../infra/database/registry/publish-staged.ts';
import { stageModel } from '../../infra/database/registry/stage-model.ts';
import { benchModel, componentsPerModel } from './workload.ts';

export type StoreFigures = {
  readonly componentCount: number;
  readonly seconds: number;
  readonly componentsPerSecond: number;
  readonly changes: Readonly<Record<string, number>>;
};

/** Stores models `from` … `to`, each as a source of its own of one run: staged, sealed, published. */
export async function storeModels(
  database: Database,
  { operationId, from, to }: { readonly operationId: string; readonly from: number; readonly to: number },
): Promise<StoreFigures> {
  const changes: Record<string, number> = {};
  let seconds = 0;
  for (let index = from; index < to; index += 1) {
    const { head, components } = benchModel(index);
    const place = { operationId, position: index };
    const start = performance.now();
    const model = await stageModel(database, {
      ...place,
      head,
      actor: 'bench',
      source: 'bench',
      registrant: { kind: 'manual', address: `bench/${index % 20}` },
    });
    await model.add(components.map((definition) => ({ type: 'component', definition })));
    await model.seal();
    const [published] = await publishStaged(database, { ...place, modelCount: 1 });
    seconds += (performance.now() - start) / 1000;
    const change = published?.change ?? 'none';
    changes[change] = (changes[change] ?? 0) + 1;
    await setImmediate();
  }
  const componentCount = (to - from) * componentsPerModel;
  return { componentCount, seconds, componentsPerSecond: componentCount / seconds, changes };
}
