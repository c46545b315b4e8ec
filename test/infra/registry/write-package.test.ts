import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { memberKey } from '../../../domain/registry/model-member.ts';
import type { SourceTree } from '../../../infra/model-source/source-tree.ts';
import { extractAll, folderTree, namesOf, textTree, type WholeModel } from '../model-source/formats/extraction.ts';
import { packed, unpacked } from './round-trip.ts';

const fixtures = 'test/fixtures/registry';

const sources: readonly (readonly [string, () => SourceTree])[] = [
  ["a package of Meshery's", () => folderTree(`${fixtures}/meshery__meshery/models/accurate`)],
  ['components of the oldest format', () => folderTree(`${fixtures}/meshery__meshery-istio/meshmodel`)],
  ['components that Meshery generated', () => folderTree(`${fixtures}/meshery__meshkit/generators`)],
  ['relationships', () => folderTree(`${fixtures}/meshery__meshery/server`)],
  ['definitions of kinds', () => folderTree(`${fixtures}/meshery__meshery-operator`)],
];

function contentOf({ head, members }: WholeModel): unknown {
  const definitions = members
    .filter((member) => member.type !== 'rejected')
    .map((member) => ({ type: member.type, key: memberKey(member), definition: member.definition }));
  return { head, members: definitions.toSorted((a, b) => (a.type + a.key < b.type + b.key ? -1 : 1)) };
}

function byName(models: readonly WholeModel[]): readonly WholeModel[] {
  return models.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function nameOf({ head }: WholeModel): string {
  return `${head.model.name}@${head.model.version}`;
}

describe('a package', () => {
  test.each(sources)('of %s gives what went into it, and the same bytes again', async (_what, source) => {
    const first = byName((await extractAll(source())).models);
    const archive = await packed(first);
    const again = await extractAll(await unpacked(archive));
    const second = byName(again.models);
    expect(first.length).toBeGreaterThan(0);
    expect(second.map(contentOf)).toEqual(first.map(contentOf));
    expect((await packed(second)).equals(archive)).toBe(true);
  });

  test('has the folders and files of Meshery, and no time, owner or name of a machine in it', async () => {
    const { models } = await extractAll(folderTree(`${fixtures}/meshery__meshery/models/accurate`));
    const archive = await packed(models);
    expect(archive.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    const tar = gunzipSync(archive);
    expect(tar.subarray(108, 124).toString('latin1').replaceAll(/\D/g, '')).toMatch(/^0+$/);
    expect(tar.subarray(136, 148).toString('latin1').replaceAll(/\D/g, '')).toMatch(/^0+$/);
    const tree = await unpacked(archive);
    expect(tree.files.map(({ path }) => path)).toEqual([
      'accurate/v2.0.0/v1.0.0/components/SubNamespace.accurate.cybozu.com.v2.json',
      'accurate/v2.0.0/v1.0.0/model.json',
    ]);
    const model: unknown = JSON.parse(Buffer.from(await tree.read('accurate/v2.0.0/v1.0.0/model.json')).toString());
    expect(model).toMatchObject({
      schemaVersion: 'models.meshery.io/v1beta2',
      version: 'v1.0.0',
      name: 'accurate',
      model: { version: 'v2.0.0' },
      registrant: { kind: 'github' },
      category: { name: 'Provisioning' },
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
  });

  test('keeps names that no file could have, and files that are longer than a tar header', async () => {
    const name = `${'long'.repeat(50)}/..\\: odd`;
    const profile = JSON.stringify({ schemaVersion: 'profiles.slipway.dev/v1', name, values: { replicas: 2 } });
    const { models } = await extractAll(
      textTree({
        'm/model.json': JSON.stringify({
          schemaVersion: 'models.meshery.io/v1beta2',
          name: 'm'.repeat(100),
          model: { version: '1' },
        }),
        'm/profiles/a.json': profile,
        'm/samples/shop.yaml': 'name: shop\nservices: {}\n',
        'm/installation.json': JSON.stringify({
          schemaVersion: 'installations.slipway.dev/v1',
          namespace: 'x',
          objects: [{ apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } }],
        }),
        'm/charts/m-1.tgz': 'not looked into',
      }),
    );
    const tree = await unpacked(await packed(models));
    const again = await extractAll(tree);
    expect(namesOf(again.models[0]?.members ?? []).toSorted()).toEqual([
      'attachment charts/m-1.tgz',
      'installation installation',
      `profile ${name}`,
      'sample shop',
    ]);
    expect(byName(again.models).map(contentOf)).toEqual(byName(models).map(contentOf));
  });
});
