import { openDatabase } from '../../../../infra/database/database.ts';
import { createVault } from '../../../../infra/secrets/vault.ts';
import { component, headOf, storeModel } from '../registry/registry-fixture.ts';

/** Stores `count` models, with a component of the given title in each, and prints what became of each. */
const [url = '', title = '', count = '0'] = process.argv.slice(2);
const database = await openDatabase({ url, vault: createVault([Buffer.alloc(32, 7)]) });
const outcomes: { name: string; change: string; definitionVersion: string }[] = [];
for (let index = 0; index < Number(count); index += 1) {
  const { name, change, definitionVersion } = await storeModel(database, {
    operationId: `op_${title}_${process.pid}`,
    position: index,
    head: headOf({ name: `model-${index}` }),
    members: [component('Shared'), component('Titled', { schema: { title } })],
  });
  outcomes.push({ name, change, definitionVersion });
}
await database.close();
process.stdout.write(JSON.stringify(outcomes));
