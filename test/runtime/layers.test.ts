import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');

/** Writes a small tree of sources and gives the imports that break a rule, as dependency-cruiser names them. */
async function brokenRules(sources: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  await copyFile(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { stdout, status } = spawnSync(
    join(root, 'node_modules', '.bin', 'depcruise'),
    ['--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'err', '.'],
    { cwd: folder, encoding: 'utf8' },
  );
  const broken = [...stdout.matchAll(/error ([a-z-]+): (\S+)/gu)].map((match) => `${match[1]}: ${match[2]}`);
  expect(status === 0).toBe(broken.length === 0);
  return [...new Set(broken)].toSorted();
}

/** The text of a module that imports one value or one type. */
function importing(specifier: string): string {
  return `import { value } from '${specifier}';\nexport const copy = value;\n`;
}

function importingType(specifier: string): string {
  return `import type { Shape } from '${specifier}';\nexport const shape: Shape = { size: 1 };\n`;
}

const exporting = 'export const value = 1;\nexport type Shape = { readonly size: number };\n';

test('imports that follow the direction of the data, and types of activities in workflows, are accepted', async () => {
  const broken = await brokenRules({
    'domain/design.ts': exporting,
    'infra/database.ts': `${importing('../domain/design.ts')}export type Shape = { readonly size: number };\n`,
    'activities/apply.ts': `${importing('../domain/design.ts')}export type Shape = { readonly size: number };\n`,
    'workflows/deploy.ts': importing('../domain/design.ts'),
    'workflows/activities.ts': importingType('../activities/apply.ts'),
    'api/app.ts': importing('../domain/design.ts'),
  });
  expect(broken).toEqual([]);
});

test('every import against the direction of the data is caught', async () => {
  const layers = ['domain', 'workflows', 'activities', 'infra', 'api', 'cli', 'worker'];
  const broken = await brokenRules({
    ...Object.fromEntries(layers.map((layer) => [`${layer}/x.ts`, exporting])),
    'domain/infra.ts': importing('../infra/x.ts'),
    'domain/types.ts': importingType('../infra/x.ts'),
    'workflows/infra.ts': importing('../infra/x.ts'),
    'workflows/activities.ts': importing('../activities/x.ts'),
    'infra/activities.ts': importing('../activities/x.ts'),
    'activities/workflows.ts': importing('../workflows/x.ts'),
    'api/activities.ts': importing('../activities/x.ts'),
    'cli/infra.ts': importing('../infra/x.ts'),
    'worker/api.ts': importing('../api/x.ts'),
  });
  expect(broken).toEqual([
    'activities-imports: activities/workflows.ts',
    'api-imports: api/activities.ts',
    'cli-imports: cli/infra.ts',
    'domain-imports: domain/infra.ts',
    'domain-imports: domain/types.ts',
    'infra-imports: infra/activities.ts',
    'nobody-imports-a-face: worker/api.ts',
    'worker-imports: worker/api.ts',
    'workflows-imports: workflows/activities.ts',
    'workflows-imports: workflows/infra.ts',
  ]);
});

test('a cycle is caught', async () => {
  const broken = await brokenRules({
    'domain/left.ts': `import { right } from './right.ts';\nexport const left = (): number => right();\n`,
    'domain/right.ts': `import { left } from './left.ts';\nexport const right = (): number => left();\n`,
  });
  expect(broken).toContain('no-cycles: domain/left.ts');
});
