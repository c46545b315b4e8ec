import { stringAt, type JsonPath } from '../json.ts';
import type { ObjectReference } from '../kubernetes-object.ts';
import { grouped, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

/** Secrets that controllers make from custom resources of the design. */
export type ProducedSecrets = {
  /** The custom resources that a Secret comes from. */
  readonly makersOf: (secret: ObjectReference) => readonly PlannedObject[];
};

/** Where custom resources name the Secret that comes of them; the first name that is there counts. */
const producers: Readonly<Record<string, readonly JsonPath[]>> = {
  'cert-manager.io/Certificate': [['spec', 'secretName']],
  'external-secrets.io/ExternalSecret': [
    ['spec', 'target', 'name'],
    ['metadata', 'name'],
  ],
  'bitnami.com/SealedSecret': [
    ['spec', 'template', 'metadata', 'name'],
    ['metadata', 'name'],
  ],
  'secrets.hashicorp.com/VaultStaticSecret': [['spec', 'destination', 'name']],
  'secrets.hashicorp.com/VaultDynamicSecret': [['spec', 'destination', 'name']],
  'secrets.hashicorp.com/VaultPKISecret': [['spec', 'destination', 'name']],
  'secrets.infisical.com/InfisicalSecret': [['spec', 'managedSecretReference', 'secretName']],
  'onepassword.com/OnePasswordItem': [['metadata', 'name']],
  'kubernetes-client.io/ExternalSecret': [['metadata', 'name']],
  'ricoberger.de/VaultSecret': [['metadata', 'name']],
};

/** The Secrets that a design's custom resources produce, among them connection Secrets of Crossplane. */
export function producedSecrets(index: DesignIndex): ProducedSecrets {
  const makers = grouped(index.objects, (object) =>
    productsOf(object).map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return { makersOf: ({ namespace = '', name }) => makers.get(`${namespace}/${name}`) ?? [] };
}

type Product = { readonly namespace: string; readonly name: string };

function productsOf(maker: PlannedObject): readonly Product[] {
  const { group, kind, object, namespace = '' } = maker;
  const named = (producers[`${group}/${kind}`] ?? []).flatMap((path) => {
    const name = stringAt(object, ...path);
    return name === undefined ? [] : [{ namespace, name }];
  });
  return [...named.slice(0, 1), ...connectionSecrets(maker)];
}

/** https://docs.crossplane.io/latest/managed-resources/managed-resources/#writeconnectionsecrettoref */
function connectionSecrets({ object, namespace = '' }: PlannedObject): readonly Product[] {
  const name = stringAt(object, 'spec', 'writeConnectionSecretToRef', 'name');
  if (name === undefined) return [];
  return [{ name, namespace: stringAt(object, 'spec', 'writeConnectionSecretToRef', 'namespace') ?? namespace }];
}
