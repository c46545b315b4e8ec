import { SlipwayError } from '../../../../domain/errors.ts';
import { acceptOperation } from '../../../../infra/database/accept-operation.ts';
import { openDatabase } from '../../../../infra/database/database.ts';
import { createVault } from '../../../../infra/secrets/vault.ts';

/** Asks for one operation on each deployment, and prints which were accepted. */
const [url = '', ...deploymentIds] = process.argv.slice(2);
const database = await openDatabase({ url, vault: createVault([Buffer.alloc(32, 7)]) });
const accepted: { deploymentId: string; operationId: string }[] = [];
for (const deploymentId of deploymentIds) {
  try {
    const { id } = await acceptOperation(database, { kind: 'deploy', actor: 'ann', deploymentId, options: {} });
    accepted.push({ deploymentId, operationId: id });
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'conflict') throw error;
  }
}
await database.close();
process.stdout.write(JSON.stringify(accepted));
