import type { Finding } from '../../../../domain/finding.ts';
import { listDependents } from '../../../../infra/database/prerequisites.ts';
import type { OperationContext } from '../operation-context.ts';

/** Warns before what was installed for other deployments goes while they are there. */
export async function checkDependents({
  database,
  operation,
  deployment,
}: OperationContext): Promise<readonly Finding[]> {
  const dependents = operation.acceptedFor === null ? await listDependents(database, deployment.id) : [];
  if (dependents.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'deployment.needed',
      subject: deployment.designName,
      message: `${deployment.designName} was deployed for ${dependents.join(', ')}, which still needs it; definitions in use stay`,
      fix: 'undeploy those first, with --remove-prerequisites to take this one along',
    },
  ];
}
