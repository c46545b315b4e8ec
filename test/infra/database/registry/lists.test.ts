import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../../infra/database/database.ts';
import type { Page } from '../../../../infra/database/cursor.ts';
import {
  type ComponentFilter,
  componentsOfKind,
  countComponents,
  findComponent,
  listComponents,
  modelsBringing,
  requireComponent,
} from '../../../../infra/database/registry/components.ts';
import { listMembers, readInstallations } from '../../../../infra/database/registry/members.ts';
import {
  countModels,
  findModel,
  listModels,
  listModelVersions,
  type ModelFilter,
  requireModel,
} from '../../../../infra/database/registry/models.ts';
import { listRegistrants } from '../../../../infra/database/registry/registrants.ts';
import {
  countRelationships,
  findRelationship,
  listRelationships,
  type RelationshipFilter,
  relationshipsFor,
} from '../../../../infra/database/registry/relationships.ts';
import { setComponentStatus, setModelStatus } from '../../../../infra/database/registry/status.ts';
import { summarizeRegistry } from '../../../../infra/database/registry/summary.ts';
import { testDatabase } from '../database-fixture.ts';
import { between, component, headOf, installationOf, relationship, storeModel } from './registry-fixture.ts';

const certManager = { name: 'cert-manager', category: 'Security & Compliance', displayName: 'cert-manager' } as const;
const certApi = { apiVersion: 'cert-manager.io/v1' };
const issuers = [component('Issuer', certApi), component('ClusterIssuer', { ...certApi, scope: 'cluster' })];
const helm = { kind: 'helm', address: 'https://charts.example.io/cert-manager' } as const;

/** Three versions of cert-manager, Istio, and the Gateway API that both describe. */
async function fill(database: Database): Promise<void> {
  for (const version of ['v1.9.0', 'v1.10.0', 'v1.2.0']) {
    const head = headOf({ ...certManager, version, description: 'Issues certificates for everything' });
    await storeModel(database, { head, members: [...issuers, relationship('issuer-secret')], registrant: helm });
  }
  await storeModel(database, {
    operationId: 'op_istio',
    head: headOf({ name: 'istio', version: '1.25.0', category: 'Cloud Native Network', displayName: 'Istio' }),
    members: [
      component('Gateway', { apiVersion: 'networking.istio.io/v1', description: 'A load balancer at the edge' }),
      component('VirtualService', { apiVersion: 'networking.istio.io/v1' }),
      component('HTTPRoute', { apiVersion: 'gateway.networking.k8s.io/v1' }),
      relationship('route-gateway', { kind: 'hierarchical', type: 'parent', selectors: [between('*', 'Gateway')] }),
    ],
  });
  await storeModel(database, {
    head: headOf({ name: 'gateway-api', version: 'v1.2.0', displayName: 'Gateway API' }),
    members: [
      component('HTTPRoute', { apiVersion: 'gateway.networking.k8s.io/v1' }),
      component('Gateway', { apiVersion: 'gateway.networking.k8s.io/v1' }),
      installationOf({ group: 'gateway.networking.k8s.io', kinds: ['Gateway', 'HTTPRoute'] }),
    ],
  });
}

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
  await fill(database);
});

/** All items, read a page at a time. */
async function readAll<T>(
  list: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>,
  limit = 2,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function modelsThatPass(filter: ModelFilter): Promise<readonly string[]> {
  const found = await readAll((page) => listModels(database, { ...filter, ...page }));
  expect(await countModels(database, filter)).toBe(found.length);
  return found.map(({ name, version }) => `${name}@${version}`);
}

async function componentsThatPass(filter: ComponentFilter): Promise<readonly string[]> {
  const found = await readAll((page) => listComponents(database, { ...filter, ...page }));
  expect(await countComponents(database, filter)).toBe(found.length);
  return found.map(({ address }) => address);
}

async function relationshipsThatPass(filter: RelationshipFilter): Promise<readonly string[]> {
  const items = await readAll((page) => listRelationships(database, { ...filter, ...page }));
  expect(await countRelationships(database, filter)).toBe(items.length);
  return items.map(({ address }) => address);
}

describe('models', () => {
  test('are listed by name, the newest version of each first', async () => {
    expect(await modelsThatPass({})).toEqual([
      'cert-manager@v1.10.0',
      'cert-manager@v1.9.0',
      'cert-manager@v1.2.0',
      'gateway-api@v1.2.0',
      'istio@1.25.0',
    ]);
  });

  test.each<[ModelFilter, readonly string[]]>([
    [{ latest: true }, ['cert-manager@v1.10.0', 'gateway-api@v1.2.0', 'istio@1.25.0']],
    [{ model: 'istio' }, ['istio@1.25.0']],
    [{ version: 'v1.2.0' }, ['cert-manager@v1.2.0', 'gateway-api@v1.2.0']],
    [{ category: 'Cloud Native Network' }, ['istio@1.25.0']],
    [
      { category: ['Cloud Native Network', 'Security & Compliance'], latest: true },
      ['cert-manager@v1.10.0', 'istio@1.25.0'],
    ],
    [{ registrantKind: 'helm', latest: true }, ['cert-manager@v1.10.0']],
    [{ registrantAddress: helm.address, version: 'v1.9.0' }, ['cert-manager@v1.9.0']],
    [{ operationId: 'op_istio' }, ['istio@1.25.0']],
    [{ kind: 'Gateway' }, ['gateway-api@v1.2.0', 'istio@1.25.0']],
    [{ kind: 'Gateway', apiVersion: 'networking.istio.io/v1' }, ['istio@1.25.0']],
    [{ status: 'disabled' }, []],
    [{ status: ['enabled', 'disabled'], latest: true, kind: 'Issuer' }, ['cert-manager@v1.10.0']],
    [{ q: 'network' }, ['istio@1.25.0']],
    [{ q: 'CERT issues', latest: true }, ['cert-manager@v1.10.0']],
    [{ q: 'gateway' }, ['gateway-api@v1.2.0']],
    [{ q: '"*' }, []],
  ])('that pass %j are found', async (filter, expected) => {
    expect(await modelsThatPass(filter)).toEqual(expected);
  });

  test('are listed by when they were published', async () => {
    const found = await readAll((page) => listModels(database, { sort: 'updated', ...page }));
    expect(found.map(({ name, version }) => `${name}@${version}`)).toEqual([
      'gateway-api@v1.2.0',
      'istio@1.25.0',
      'cert-manager@v1.2.0',
      'cert-manager@v1.10.0',
      'cert-manager@v1.9.0',
    ]);
  });

  test('are found by name, version, revision and id', async () => {
    const newest = await requireModel(database, 'cert-manager');
    expect(newest).toMatchObject({ version: 'v1.10.0', metadata: {} });
    expect(await findModel(database, newest.id)).toEqual(newest);
    expect(await findModel(database, 'cert-manager@v1.10.0')).toEqual(newest);
    expect(await findModel(database, 'cert-manager@v1.10.0#1')).toEqual(newest);
    for (const reference of ['cert-manager@v1.10.0#2', 'cert-manager@v3', 'cert', '', 'mdl_0']) {
      expect(await findModel(database, reference)).toBeUndefined();
    }
    await expect(requireModel(database, 'cert')).rejects.toMatchObject({ code: 'notFound' });
  });

  test('whose newest version is disabled are found at the one before', async () => {
    await setModelStatus(database, { model: 'cert-manager@v1.10.0', status: 'disabled' });
    expect(await findModel(database, 'cert-manager')).toMatchObject({ version: 'v1.9.0', latest: true });
    await setModelStatus(database, { model: 'cert-manager@v1.9.0', status: 'deprecated' });
    expect(await findModel(database, 'cert-manager')).toMatchObject({ version: 'v1.9.0', latest: true });
    await setModelStatus(database, { model: 'cert-manager@v1.10.0', status: 'enabled' });
    expect(await findModel(database, 'cert-manager')).toMatchObject({ version: 'v1.10.0', latest: true });
    const { items } = await listModelVersions(database, { name: 'cert-manager' });
    expect(items.map(({ status, latest }) => [status, latest])).toEqual([
      ['enabled', true],
      ['deprecated', false],
      ['enabled', false],
    ]);
  });
});

describe('components', () => {
  const newestIssuers = [
    'cert-manager@v1.10.0/ClusterIssuer@cert-manager.io/v1',
    'cert-manager@v1.10.0/Issuer@cert-manager.io/v1',
  ];
  const gateways = [
    'gateway-api@v1.2.0/Gateway@gateway.networking.k8s.io/v1',
    'istio@1.25.0/Gateway@networking.istio.io/v1',
  ];

  test.each<[ComponentFilter, readonly string[]]>([
    [{ model: 'cert-manager', latest: true }, newestIssuers],
    [{ model: 'cert-manager', version: 'v1.10.0' }, newestIssuers],
    [{ kind: 'Gateway' }, gateways],
    [{ kind: 'Gateway', apiVersion: 'networking.istio.io/v1' }, gateways.slice(1)],
    [{ apiVersion: 'networking.istio.io/v1', kind: 'Issuer' }, []],
    [{ category: 'Security & Compliance', latest: true }, newestIssuers],
    [{ registrantKind: ['helm', 'git'], latest: true, status: 'enabled' }, newestIssuers],
    [{ operationId: 'op_istio', kind: 'Gateway' }, gateways.slice(1)],
    // Words, parts of kinds, groups, models, descriptions; the better match first.
    [{ q: 'issuer', latest: true }, newestIssuers.toReversed()],
    [{ q: 'ClusterIss', latest: true }, newestIssuers.slice(0, 1)],
    [{ q: 'cluster issuer', latest: true }, newestIssuers.slice(0, 1)],
    [{ q: 'virtual' }, ['istio@1.25.0/VirtualService@networking.istio.io/v1']],
    [{ q: 'service istio' }, ['istio@1.25.0/VirtualService@networking.istio.io/v1']],
    [{ q: 'edge balancer' }, gateways.slice(1)],
    [{ q: 'issuer AND secret' }, []],
    [{ q: 'kind:gateway "(' }, []],
    [{ q: '***' }, []],
  ])('that pass %j are found', async (filter, expected) => {
    expect(await componentsThatPass(filter)).toEqual(expected);
  });

  test('by their own status and by that of their model', async () => {
    await setComponentStatus(database, { component: newestIssuers[0] ?? '', status: 'deprecated' });
    await setModelStatus(database, { model: 'istio', status: 'ignored' });
    expect(await componentsThatPass({ status: 'deprecated' })).toEqual(newestIssuers.slice(0, 1));
    expect(await componentsThatPass({ status: ['ignored'], kind: 'Gateway' })).toEqual(gateways.slice(1));
    expect(await componentsThatPass({ status: 'enabled', kind: 'Gateway' })).toEqual(gateways.slice(0, 1));
  });

  test('are listed with what was stored last first', async () => {
    const found = await readAll((page) => listComponents(database, { sort: 'updated', ...page }));
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).toSorted((left, right) => right - left));
    expect(found).toHaveLength(11);
  });

  test('are found by id and address', async () => {
    const stored = await requireComponent(database, 'istio@1.25.0/Gateway@networking.istio.io/v1');
    expect(await findComponent(database, String(stored.id))).toEqual(stored);
    expect(await findComponent(database, 'istio/Gateway')).toEqual(stored);
    for (const reference of ['istio@1.25.0/Gateway@v1', 'istio@2/Gateway', 'Gateway', '0', '']) {
      expect(await findComponent(database, reference)).toBeUndefined();
    }
    await expect(requireComponent(database, 'Gateway')).rejects.toMatchObject({ code: 'notFound' });
  });

  test('of a kind are those that may be used, of the newest versions first', async () => {
    const kind = { kind: 'Issuer', apiVersion: 'cert-manager.io/v1' };
    const versions = async () => (await componentsOfKind(database, kind)).map(({ model }) => model.version);
    expect(await versions()).toEqual(['v1.10.0', 'v1.9.0', 'v1.2.0']);
    await setComponentStatus(database, { component: 'cert-manager@v1.9.0/Issuer', status: 'disabled' });
    await setModelStatus(database, { model: 'cert-manager@v1.10.0', status: 'ignored' });
    expect(await versions()).toEqual(['v1.2.0']);
  });

  test('pages of thousands hold each once', async () => {
    const members = Array.from({ length: 3_000 }, (_, index) => component(`Thing${index}`));
    await storeModel(database, { head: headOf({ name: 'large' }), members });
    for (const filter of [{ model: 'large' }, { q: 'thing' }, { q: 'thing', sort: 'updated' as const }]) {
      const found = await readAll((page) => listComponents(database, { ...filter, ...page }), 700);
      expect(new Set(found.map(({ id }) => id)).size).toBe(3_000);
      expect(found).toHaveLength(3_000);
    }
  });
});

test('models that install a kind come before those that only describe it', async () => {
  const route = { kind: 'HTTPRoute', apiVersion: 'gateway.networking.k8s.io/v1' };
  const bringing = await modelsBringing(database, route);
  expect(bringing.map(({ name, installs }) => [name, installs])).toEqual([
    ['gateway-api', true],
    ['istio', false],
  ]);
  expect((await readInstallations(database, bringing[0]?.id ?? ''))[0]?.objects).toHaveLength(2);
  expect(await readInstallations(database, bringing[1]?.id ?? '')).toEqual([]);
  await setModelStatus(database, { model: 'gateway-api', status: 'disabled' });
  expect((await modelsBringing(database, route)).map(({ name }) => name)).toEqual(['istio']);
  expect(await modelsBringing(database, { kind: 'HTTPRoute', apiVersion: 'v1' })).toEqual([]);
});

test('a model installs what its newest revision installs, at the versions that are served', async () => {
  const head = headOf({ name: 'operator' });
  const bringing = async (kind: string, version = 'v1') =>
    (await modelsBringing(database, { kind, apiVersion: `acme.io/${version}` })).map(({ name }) => name);
  const one = installationOf({ name: 'one', group: 'acme.io', kinds: ['A', 'B'] });
  const two = installationOf({ name: 'two', group: 'acme.io', kinds: ['A', 'C'] });
  await storeModel(database, { head, members: [one, two] });
  expect(await bringing('A')).toEqual(['operator']);
  expect(await bringing('A', 'v0')).toEqual([]);
  await storeModel(database, { head, members: [one] });
  expect([await bringing('A'), await bringing('B'), await bringing('C')]).toEqual([['operator'], ['operator'], []]);
});

test('what a model holds is listed by type, a page at a time', async () => {
  const { id } = await requireModel(database, 'gateway-api');
  const held = await readAll((page) => listMembers(database, { modelId: id, ...page }));
  expect(held.map(({ type }) => type)).toEqual(['component', 'component', 'installation']);
  expect((await listMembers(database, { modelId: id, type: 'installation' })).items).toHaveLength(1);
});

describe('relationships', () => {
  const issuerSecret = 'cert-manager@v1.10.0/issuer-secret';
  const routeGateway = 'istio@1.25.0/route-gateway';

  test.each<[RelationshipFilter, readonly string[]]>([
    [{ latest: true }, [issuerSecret, routeGateway]],
    [{ kind: 'hierarchical' }, [routeGateway]],
    [{ kind: ['edge'], latest: true, type: 'binding', subType: '' }, [issuerSecret]],
    [{ between: 'Secret', latest: true }, [issuerSecret]],
    [{ q: 'PARENT' }, [routeGateway]],
    [{ q: "100%_'" }, []],
    [{ name: 'route-gateway', foundBy: 'written', status: 'enabled', model: 'istio' }, [routeGateway]],
  ])('that pass %j are found', async (filter, expected) => {
    expect(await relationshipsThatPass(filter)).toEqual(expected);
  });

  test('are found by address and id', async () => {
    const stored = await findRelationship(database, routeGateway);
    expect(stored).toMatchObject({ fromKinds: ['*'], toKinds: ['Gateway'] });
    expect(await findRelationship(database, String(stored?.id))).toEqual(stored);
    expect(await findRelationship(database, 'route-gateway')).toBeUndefined();
  });

  test('for kinds are those between some of them, of the newest version or the one that is named', async () => {
    const forKinds = async (kinds: readonly string[], modelIds?: readonly string[]) =>
      (await relationshipsFor(database, { kinds, modelIds })).map(({ address }) => address);
    expect(await forKinds(['Issuer', 'Secret'])).toEqual([issuerSecret]);
    expect(await forKinds(['Issuer'])).toEqual([]);
    expect(await forKinds(['Gateway', 'Issuer', 'Secret'])).toEqual([issuerSecret, routeGateway]);
    const { id } = await requireModel(database, 'cert-manager@v1.9.0');
    expect(await forKinds(['Issuer', 'Secret'], [id])).toEqual(['cert-manager@v1.9.0/issuer-secret']);
    const [first] = await relationshipsFor(database, { kinds: ['Gateway'] });
    expect(first?.definition.selectors).toEqual([between('*', 'Gateway')]);
    await setModelStatus(database, { model: 'istio', status: 'disabled' });
    expect(await forKinds(['Gateway'])).toEqual([]);
  });
});

test('registrants are listed with how many versions they brought', async () => {
  const registrants = await readAll((page) => listRegistrants(database, page), 1);
  expect(registrants.map(({ kind, address, modelCount }) => [kind, address, modelCount])).toEqual([
    ['helm', helm.address, 3],
    ['manual', '', 2],
  ]);
});

test('the registry counts what it holds', async () => {
  await setModelStatus(database, { model: 'istio', status: 'disabled' });
  expect(await summarizeRegistry(database)).toEqual({
    models: 3,
    versions: 5,
    components: 11,
    relationships: 4,
    registrants: 2,
    definitions: 9,
    versionsByStatus: [
      { status: 'disabled', count: 1 },
      { status: 'enabled', count: 4 },
    ],
    versionsByCategory: [
      { category: 'Cloud Native Network', count: 1 },
      { category: 'Security & Compliance', count: 3 },
      { category: 'Uncategorized', count: 1 },
    ],
    versionsByRegistrantKind: [
      { kind: 'helm', count: 3 },
      { kind: 'manual', count: 2 },
    ],
  });
});
