import { describe, expect, test } from 'vitest';
import { extractAll, folderTree, namesOf, textTree } from './extraction.ts';

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const schema = cell(
  JSON.stringify({
    type: 'object',
    properties: { spec: { type: 'object', properties: { secretName: { type: 'string' } } } },
  }),
);

const sheets = {
  'models.csv': `banner,,
registrant,modelDisplayName,model,category,subCategory,description,shape,primaryColor,version
Github,Harbour,harbour,Provisioning,Boats,All about boats,circle,#00B39F,v1.2.0
`,
  'components.csv': `banner
registrant,model,component,category,description,svgColor,capabilities,isAnnotation,version,schema,modelVersion
Github,harbour,Boat,Provisioning,A boat,<svg/>,${cell('[{"kind":"view"}]')},FALSE,example.org/v1,${schema},
Github,harbour,dry-dock,Provisioning,,,,TRUE,example.org/v1,,v1.2.0
Github,harbour,Old,Provisioning,,,,,example.org/v1,,v0.9.0
Github,harbour,plain-looks,,,,,,,,
`,
  'relationships.csv': `banner
Model,Version,kind,type,subType,metadata.description,docs,selectors.deny.from,selectors.deny.to,selectors.allow.from,selectors.allow.to,selector,filename,Complete Definition
harbour,*,edge,binding,mount,Boats lie in docks.,,,,${cell('[{"kind":"DryDock"}]')},${cell('[{"kind":"Boat","patch":{"patchStrategy":"replace","mutatedRef":[["configuration","spec","dock"]]}}]')},,edge-binding-mount-abcde.json,
harbour,v1.2.0,hierarchical,parent,inventory,,,,,,,,,${cell('{"kind":"sibling","type":"matchlabels","selectors":[{"allow":{"from":[],"to":[]}}]}')}
harbour,v0.9.0,edge,binding,mount,,,,,,,${cell('[{"allow":{"from":[],"to":[]}}]')},old.json,
harbour,*,edge,binding,mount,,,,,{broken,,,bad.json,
`,
};

describe("sheets of Meshery's registry", () => {
  test('make models with their components and relationships, those of other versions left to them', async () => {
    const { models, findings } = await extractAll(textTree(sheets));
    expect(models.map(({ head }) => head.model)).toMatchObject([
      {
        name: 'harbour',
        version: 'v1.2.0',
        displayName: 'Harbour',
        category: 'Provisioning',
        subCategory: 'Boats',
        description: 'All about boats',
        metadata: { shape: 'circle', primaryColor: '#00B39F' },
      },
    ]);
    expect(models.map(({ members }) => namesOf(members))).toEqual([
      [
        'component Boat@example.org/v1',
        'component DryDock@example.org/v1',
        'relationship edge-binding-mount-abcde',
        'relationship hierarchical-parent-inventory-line-4',
        'rejected relationships.csv:6',
        'relationship boat-spec-secretname-secret',
      ],
    ]);
    expect(models[0]?.members).toMatchObject([
      {
        definition: {
          description: 'A boat',
          metadata: { svgColor: '<svg/>', capabilities: [{ kind: 'view' }], isAnnotation: false },
          schema: { properties: { spec: { properties: { secretName: { type: 'string' } } } } },
        },
      },
      { definition: { displayName: 'Dry Dock', schema: {}, metadata: { isAnnotation: true } } },
      {
        definition: {
          kind: 'edge',
          subType: 'mount',
          description: 'Boats lie in docks.',
          selectors: [
            { allow: { from: [{ kind: 'DryDock' }], to: [{ kind: 'Boat', patch: { strategy: 'replace' } }] } },
          ],
        },
      },
      { definition: { kind: 'sibling' } },
      { findings: [{ severity: 'error', code: 'csv.json', file: 'relationships.csv', line: 6, column: 1 }] },
      {},
    ]);
    expect(findings).toMatchObject([
      { severity: 'warning', code: 'csv.noApiVersion', file: 'components.csv', line: 6 },
    ]);
  });

  test('as they are published name what they lack', async () => {
    const { models, findings } = await extractAll(folderTree('test/fixtures/registry/meshery__meshery/csv'));
    expect(models).toEqual([]);
    expect(findings.filter(({ severity }) => severity !== 'error').map(({ code }) => code)).toEqual([
      'csv.emptyModel',
      'csv.emptyModel',
      'csv.emptyModel',
    ]);
  });

  test('of components alone make the models that they name', async () => {
    const { models } = await extractAll(textTree({ 'components.csv': sheets['components.csv'] }));
    expect(models.map(({ head }) => `${head.model.name}@${head.model.version}`)).toEqual([
      'harbour@v1.2.0',
      'harbour@v0.9.0',
    ]);
  });
});
