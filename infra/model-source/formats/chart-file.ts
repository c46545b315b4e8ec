import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tarGz, type ArchiveFile } from '../../registry/tar-gz.ts';
import type { ExtractedAttachment } from '../extracted.ts';
import { isIn } from '../plan-extraction.ts';
import type { Scratch } from '../scratch.ts';
import type { SourceTree } from '../source-tree.ts';

/** What Helm calls a packed chart: https://helm.sh/docs/topics/registries/#helm-chart-manifest */
export const chartMediaType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

/** A chart packed as Helm packs it, the same bytes for the same files, in the scratch folder. */
export type ChartFile = { readonly path: string; readonly attachment: ExtractedAttachment };

export type ChartToPack = { readonly folder: string; readonly name: string; readonly version: string };

/** Packs the files of a chart's folder. */
export async function packChart(tree: SourceTree, chart: ChartToPack, scratch: Scratch): Promise<ChartFile> {
  const path = scratch.newPath();
  await writeFile(path, tarGz(chartFiles(tree, chart)), { mode: 0o600, flag: 'wx' });
  const { digest, size } = await measure(path);
  return {
    path,
    attachment: {
      type: 'attachment',
      place: chart.folder,
      definition: { name: `charts/${chart.name}-${chart.version}.tgz`, mediaType: chartMediaType, digest, size },
      read: () => readFile(path),
    },
  };
}

/** What stands in an archive of the source is in the archive already. */
async function* chartFiles(tree: SourceTree, { folder, name }: ChartToPack): AsyncGenerator<ArchiveFile> {
  const archives = tree.files.map(({ path }) => path).filter((path) => /\.(tgz|tar|gz|zip)$/.test(path));
  const own = tree.files.filter(({ path }) => isIn(path, folder) && !archives.some((archive) => isIn(path, archive)));
  for (const { path } of own) {
    const content = await tree.read(path);
    yield { path: `${name}/${path.slice(folder === '' ? 0 : folder.length + 1)}`, size: content.length, content };
  }
}

async function measure(path: string): Promise<{ readonly digest: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes: Buffer = chunk;
    hash.update(bytes);
    size += bytes.length;
  }
  return { digest: hash.digest('hex'), size };
}
