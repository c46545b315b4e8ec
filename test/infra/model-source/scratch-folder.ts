import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Scratch } from '../../../infra/model-source/scratch.ts';

/** A folder of its own for the test that asks. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A scratch folder that lives as long as the test. */
export async function testScratch(): Promise<Scratch> {
  const folder = await temporaryFolder();
  let paths = 0;
  return {
    folder,
    newPath: () => {
      paths += 1;
      return join(folder, String(paths));
    },
  };
}
