import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
/** All that workflow code is made of: it imports nothing else at run time, which the layer check proves. */
const sources = ['workflows', 'domain', 'infra/temporal/failure-converter.ts', 'package-lock.json'];
const cacheFolder = join(root, 'node_modules', '.cache', 'slipway');

/**
 * The workflow code as one script. It is made once for each state of the sources, as that takes several seconds of
 * processor time; where nothing can be stored it is made at each start.
 */
export async function workflowBundle(failureConverterPath: string | undefined): Promise<WorkflowBundleOption> {
  const codePath = join(cacheFolder, `workflows-${await digestOfSources()}.js`);
  if (await isFile(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
  });
  return (await store(codePath, code)) ? { codePath } : { code };
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of await filesIn(join(root, source))) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(path: string): Promise<readonly string[]> {
  if (await isFile(path)) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** A whole file appears at once, so that no other worker reads half of it. */
async function store(codePath: string, code: string): Promise<boolean> {
  const draft = `${codePath}.${randomUUID()}`;
  try {
    await mkdir(cacheFolder, { recursive: true });
    await writeFile(draft, code);
    await rename(draft, codePath);
    return true;
  } catch {
    return false;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
