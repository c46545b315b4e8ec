import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

/**
 * A namespace of one installation's own on a Temporal server that others use too, so that no other worker takes its tasks and
 * its schedules run for nobody when it is gone.
 */
export async function createTemporalNamespace(
  address: string,
): Promise<{ readonly address: string; readonly namespace: string }> {
  const namespace = `test-${randomBytes(4).toString('hex')}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    return { address, namespace };
  } finally {
    await connection.close();
  }
}
