import type { Component } from '../../../../domain/design.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { describeObject, referenceOf } from '../../../../domain/kubernetes-object.ts';
import { componentKey } from '../../../../domain/registry/component-definition.ts';
import { formatModelReference } from '../../../../domain/registry/model.ts';
import type { Database } from '../../../../infra/database/database.ts';
import { type BringingModel, modelsBringing } from '../../../../infra/database/registry/components.ts';

/** So many models are named for one kind. */
const maximumNamed = 3;

/** What to do about components of kinds that the target does not serve: the models of the registry that bring them are named. */
export async function checkMissingKinds(
  database: Database,
  unserved: readonly Component[],
): Promise<readonly Finding[]> {
  const byKind = Map.groupBy(unserved, ({ object }) => componentKey(object));
  const findings = await Promise.all(
    [...byKind.values()].map(async (components) => {
      const [first] = components;
      const models = first === undefined ? [] : await modelsBringing(database, first.object);
      return components.map((component) => kindNotServed(component, models));
    }),
  );
  return findings.flat();
}

function kindNotServed({ name, object }: Component, models: readonly BringingModel[]): Finding {
  const { apiVersion, kind } = object;
  return {
    severity: 'error',
    code: 'cluster.kindNotServed',
    subject: describeObject(referenceOf(object)),
    path: `components.${name}`,
    message: `the cluster serves no ${kind} of ${apiVersion}, and the design brings no definition of it`,
    fix: fixOf(models),
  };
}

function fixOf(models: readonly BringingModel[]): string {
  const installing = models.filter(({ installs }) => installs);
  if (installing.length > 0)
    return `deploy with --install-missing: the registry has ${namesOf(installing)}, which installs it`;
  const operator =
    models.length > 0 ? `what ${namesOf(models)} of the registry describes` : 'the operator that brings it';
  return `add the CustomResourceDefinition to the design, install ${operator}, or use a version that is served`;
}

function namesOf(models: readonly BringingModel[]): string {
  return models.slice(0, maximumNamed).map(formatModelReference).join(' or ');
}
