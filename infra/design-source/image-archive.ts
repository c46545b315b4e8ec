import { isJsonObject, stringAt, arrayAt } from '../../domain/json.ts';
import { designLimits } from '../../domain/design/limits.ts';
import { type ArchiveFiles, type ArchiveRefused, brokenArchive } from './archive-files.ts';
import { readArchive } from './read-archive.ts';

/** The content of a file of an archive, or undefined. */
type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/**
 * The files in a container image packed as an archive, as Meshery publishes designs: those of its layers, later over earlier. Docker's
 * layout names the layers in manifest.json, OCI's in blobs that index.json leads to. Other archives come back as they are.
 */
export async function imageFiles(
  files: ArchiveFiles,
  depth: number = designLimits.archiveDepth,
): Promise<ArchiveFiles> {
  const layers = await imageLayers(async (path) => files.get(path));
  if (layers === undefined) return files;
  if (depth === 0) throw brokenArchive('it holds images inside images');
  const contents = new Map<string, Uint8Array>();
  for (const path of layers) {
    const layer = files.get(path);
    if (layer === undefined) throw missingLayer(path);
    for (const [name, content] of await imageFiles(await readArchive(layer, path), depth - 1))
      contents.set(name, content);
    checkTotal(contents);
  }
  return contents;
}

/** The paths of the layers of an image that is packed as an archive, lowest first; undefined for any other archive. */
export async function imageLayers(read: ReadFile): Promise<readonly string[] | undefined> {
  return (await dockerLayers(read)) ?? (await ociLayers(read));
}

async function dockerLayers(read: ReadFile): Promise<readonly string[] | undefined> {
  const manifest = json(await read('manifest.json'));
  if (!Array.isArray(manifest)) return undefined;
  const layers = arrayAt(manifest, 0, 'Layers').filter((layer) => typeof layer === 'string');
  return layers.length === 0 ? undefined : layers;
}

async function ociLayers(read: ReadFile): Promise<readonly string[] | undefined> {
  const digest = stringAt(json(await read('index.json')), 'manifests', 0, 'digest');
  if (digest === undefined) return undefined;
  const manifest = json(await read(blobPath(digest)));
  return arrayAt(manifest, 'layers')
    .flatMap((layer) => stringAt(layer, 'digest') ?? [])
    .map(blobPath);
}

/** `sha256:abc` is kept at `blobs/sha256/abc`. */
function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** An image that names a layer and does not hold it. */
export function missingLayer(path: string): ArchiveRefused {
  return brokenArchive(`it names the layer ${JSON.stringify(path)} and does not hold it`);
}

function json(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(value) || Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkTotal(contents: ReadonlyMap<string, Uint8Array>): void {
  const total = [...contents.values()].reduce((sum, content) => sum + content.length, 0);
  if (total > designLimits.archiveBytes) throw brokenArchive('its layers are too large together');
}
