import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../../../infra/database/database.ts';
import { createVault } from '../../../../infra/secrets/vault.ts';
import { beginModel, component, headOf } from '../registry/registry-fixture.ts';

/** Stages a model of `count` components, seals it when asked to, says so, and waits to be killed. */
const [url = '', count = '0', isSealed = 'false'] = process.argv.slice(2);
const piece = 500;
const database = await openDatabase({ url, vault: createVault([Buffer.alloc(32, 7)]) });
const model = await beginModel(database, { operationId: 'op_1', head: headOf({ name: 'large' }) });
for (let start = 0; start < Number(count); start += piece) {
  await model.add(Array.from({ length: piece }, (_, index) => component(`Kind${start + index}`)));
}
if (isSealed === 'true') await model.seal();
process.stdout.write('staged\n');
await sleep(600_000);
