import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../../infra/database/database.ts';
import { countComponents } from '../../../../infra/database/registry/components.ts';
import { countModels, listModelVersions } from '../../../../infra/database/registry/models.ts';
import { discardStaged } from '../../../../infra/database/registry/staged.ts';
import { temporaryFolder, testDatabase } from '../database-fixture.ts';
import { runProcess, startProcess } from '../processes/run-process.ts';
import { component, headOf, storeModel } from './registry-fixture.ts';

const outcomesSchema = z.array(z.object({ name: z.string(), change: z.string(), definitionVersion: z.string() }));

async function fileUrl(): Promise<string> {
  return `file:${join(await temporaryFolder(), 'slipway.db')}`;
}

async function publishAtOnce(url: string, titles: readonly string[], count: number) {
  const outputs = await Promise.all(
    titles.map((title) => runProcess('publish-models.ts', [url, title, String(count)])),
  );
  return outputs.flatMap((output) => outcomesSchema.parse(output));
}

function changesOf(outcomes: z.infer<typeof outcomesSchema>, name: string): readonly string[] {
  return outcomes
    .filter((outcome) => outcome.name === name)
    .map(({ change }) => change)
    .toSorted();
}

async function bodiesWithoutMember(database: Database): Promise<unknown> {
  return database.read((queries) =>
    queries.all(sql`select digest from definitions where digest not in (select digest from model_members)`),
  );
}

test('of two processes that store the same models at once, one adds each and the other finds it unchanged', async () => {
  const url = await fileUrl();
  const database = await testDatabase({ url });
  const outcomes = await publishAtOnce(url, ['same', 'same'], 15);
  const names = Array.from({ length: 15 }, (_, index) => `model-${index}`);
  expect(names.map((name) => changesOf(outcomes, name))).toEqual(names.map(() => ['added', 'unchanged']));
  expect(await countModels(database)).toBe(15);
  expect(await countComponents(database, { q: 'titled' })).toBe(15);
});

test('of two processes that store different contents at once, each gives a revision of its own', async () => {
  const url = await fileUrl();
  const database = await testDatabase({ url });
  const outcomes = await publishAtOnce(url, ['one', 'two'], 10);
  for (let index = 0; index < 10; index += 1) {
    const name = `model-${index}`;
    expect(changesOf(outcomes, name)).toEqual(['added', 'changed']);
    const { items } = await listModelVersions(database, { name });
    expect(items.map(({ revision, definitionVersion, current }) => [revision, definitionVersion, current])).toEqual([
      [2, 'v1.0.1', true],
      [1, 'v1.0.0', false],
    ]);
  }
  expect(await countComponents(database, { q: 'titled' })).toBe(10);
});

test.each([
  ['while it stages', 'false'],
  ['between seal and publication', 'true'],
])('a process killed %s leaves nothing that is seen, and another try stores each thing once', async (_, isSealed) => {
  const url = await fileUrl();
  const child = startProcess('stage-model.ts', [url, '2000', isSealed]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.stdout === null) throw new Error('the process has no output');
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const database = await testDatabase({ url });
  expect(await countModels(database)).toBe(0);
  expect(await countComponents(database)).toBe(0);
  await discardStaged(database, { operationId: 'op_1', position: 0 });
  const members = Array.from({ length: 1_000 }, (_unused, index) => component(`Kind${index}`));
  const again = await storeModel(database, { operationId: 'op_1', head: headOf({ name: 'large' }), members });
  expect(again).toMatchObject({ change: 'added', componentCount: 1_000 });
  expect(await countComponents(database, { q: 'kind' })).toBe(1_000);
  expect(await bodiesWithoutMember(database)).toEqual([]);
});
