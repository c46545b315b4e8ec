import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { onTestFinished } from 'vitest';
import { createAddressGuard } from '../../../../infra/model-source/address-guard.ts';
import { createOciClient, type OciClient, type OciClientOptions } from '../../../../infra/model-source/oci/client.ts';
import type { OciReference } from '../../../../infra/model-source/oci/reference.ts';
import { createWebClient } from '../../../../infra/model-source/web-client.ts';
import { temporaryFolder } from '../scratch-folder.ts';

/** A client that may speak to this machine and does not wait long for a server that fails. */
export function testClient(options: Omit<OciClientOptions, 'web'> & { readonly retryForMs?: number } = {}): OciClient {
  const guard = createAddressGuard({ allowed: ['127.0.0.1'] });
  const web = createWebClient({ guard, retryForMs: options.retryForMs ?? 5_000 });
  onTestFinished(() => web.close());
  return createOciClient({ ...options, web });
}

/** A repository that no other test uses. */
export function newReference(registry: string, tag = '1.0.0'): OciReference {
  return { registry, repository: `models/test-${randomUUID()}`, tag };
}

/** A real packed folder, with `content` in one of its files. */
export async function packedModel(
  content = 'a gantry crane',
): Promise<{ readonly file: string; readonly bytes: Buffer }> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'crane', 'components'), { recursive: true });
  await writeFile(join(folder, 'crane', 'model.json'), '{"schemaVersion":"models.meshery.io/v1beta1","name":"crane"}');
  await writeFile(join(folder, 'crane', 'components', 'Hoist.json'), JSON.stringify({ kind: 'Hoist', content }));
  const file = join(folder, 'crane.tar.gz');
  await create({ file, cwd: folder, gzip: true, portable: true, mtime: new Date(0) }, ['crane']);
  return { file, bytes: await readFile(file) };
}
