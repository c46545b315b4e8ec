import type { Finding } from '../../../../domain/finding.ts';
import type { ObjectReference } from '../../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../../infra/kubernetes/cluster-client.ts';

/** So many distinct permissions are asked for; more are left to the answers of the deploy itself. */
const maximumQuestions = 300;

type Question = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
};

/** Permissions that the connection's user lacks for a deploy; asked by https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access. */
export async function checkPermissions(
  client: ClusterClient,
  references: readonly ObjectReference[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const all = await client.selfSubjectAccessReview({ verb: '*', group: '*', resource: '*' }, { signal });
  if (all.allowed) return [];
  const questions = await questionsFor(client, references, signal);
  const answers = await Promise.all(
    questions.slice(0, maximumQuestions).map((question) => client.selfSubjectAccessReview(question, { signal })),
  );
  return questions.flatMap((question, index) => (answers[index]?.allowed === false ? [lacking(question)] : []));
}

async function questionsFor(
  client: ClusterClient,
  references: readonly ObjectReference[],
  signal: AbortSignal,
): Promise<readonly Question[]> {
  const questions = new Map<string, Question>();
  for (const { apiVersion, kind, namespace } of references) {
    const resource = await client.discovery.resourceFor(apiVersion, kind, { signal });
    if (resource === undefined) continue;
    for (const verb of ['patch', 'create', 'get', 'list', 'watch', 'delete']) {
      const question = { verb, group: resource.group, resource: resource.plural, namespace };
      questions.set(`${verb} ${resource.group}/${resource.plural} ${namespace ?? ''}`, question);
    }
  }
  return [...questions.values()];
}

function lacking({ verb, group, resource, namespace }: Question): Finding {
  const place = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const named = group === '' ? resource : `${resource}.${group}`;
  const needed = verb === 'patch' || verb === 'create';
  return {
    severity: needed ? 'error' : 'warning',
    code: 'cluster.permissionMissing',
    message: `the connection's user may not ${verb} ${named}${place}`,
    fix: `grant it by a ${namespace === undefined ? 'ClusterRole' : 'Role'} and a binding: kubectl auth can-i ${verb} ${named}${namespace === undefined ? '' : ` -n ${namespace}`}`,
  };
}
