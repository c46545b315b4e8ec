import type { Lineage } from './registry-schemas.ts';
import type { Paint } from './output/style.ts';
import { renderFields } from './output/table.ts';

type Origin = Lineage['origins'][number];
type Definition = NonNullable<Origin['definition']>;

/** How sure each link is, in words. */
const declarationWords: Readonly<Record<Origin['link'], string>> = {
  recorded: 'recorded when it was applied',
  intended: 'recorded before it was applied; not seen live yet',
};
const definitionWords: Readonly<Record<Definition['link'], string>> = {
  declared: 'the design names it',
  latest: 'the design names the model; the latest version of it',
  matched: 'the only model with this kind',
  ambiguous: 'one of several models with this kind',
};

/** From a live object back to its schema, one step a line. */
export function lineageLines({ instance, origins }: Lineage, paint: Paint): readonly string[] {
  const { kind, apiVersion, namespace, name, connection } = instance;
  const object = `${kind}@${apiVersion} ${namespace === null ? '' : `${namespace}/`}${name} on ${connection.name}`;
  return origins.flatMap((origin, index) => [...(index === 0 ? [] : ['']), ...originLines(origin, object, paint)]);
}

function originLines(origin: Origin, object: string, paint: Paint): readonly string[] {
  const { declaration, deployment, definition, uid } = origin;
  const declared = `${declaration.designName}, revision ${declaration.revision}, component ${declaration.component}`;
  const steps: readonly (readonly [string, string])[] = [
    ['instance', `${object}${uid === null ? '' : `, uid ${uid}`}`],
    ['deployment', `${deployment.id} (${deployment.state})`],
    ['declaration', `${declared} (${declarationWords[origin.link]})`],
    ...definitionSteps(definition),
  ];
  const others = definition?.others ?? [];
  return [...renderFields(steps, paint), ...(others.length === 0 ? [] : [`  also defined by: ${others.join(', ')}`])];
}

function definitionSteps(definition: Origin['definition']): readonly (readonly [string, string])[] {
  if (definition === null) return [['definition', 'the registry has none of this kind']];
  const { address, revision, digest, schemaDigest, link } = definition;
  return [
    ['definition', `${address}, revision ${revision} (${definitionWords[link]})`],
    ['digest', `sha256:${digest}`],
    ['schema', `sha256:${schemaDigest}`],
  ];
}
