import { openDatabase } from '../../../../infra/database/database.ts';
import { appendProgress } from '../../../../infra/database/progress.ts';
import { createVault } from '../../../../infra/secrets/vault.ts';

/** Opens the database and writes `count` batches of one entry, and prints how many were written. */
const [url = '', operationId = '', count = '0', authToken] = process.argv.slice(2);
const database = await openDatabase({ url, authToken, vault: createVault([Buffer.alloc(32, 7)]) });
for (let index = 0; index < Number(count); index += 1) {
  await appendProgress(database, [{ operationId, change: { type: 'operation', state: 'running' } }]);
}
await database.close();
process.stdout.write(count);
