import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Finding } from '../../domain/finding.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import { findRendering, saveRendering } from '../database/chart-renderings.ts';
import type { Database } from '../database/database.ts';
import { readAttachment } from '../database/registry/attachments.ts';
import { readTextsSafely } from '../design-source/read-large-text.ts';
import { digestOf } from '../digest.ts';
import { templateChart } from '../model-source/helm/template.ts';
import { withScratch } from '../model-source/scratch.ts';

/** One release of a chart that the registry keeps. */
export type ChartRelease = {
  /** SHA-256 of the packed chart. */
  readonly digest: string;
  readonly releaseName: string;
  readonly namespace: string;
  readonly values: JsonObject;
  readonly signal: AbortSignal;
};

export type ChartRendering = { readonly objects: readonly KubernetesObject[]; readonly findings: readonly Finding[] };

/**
 * Renders charts. The same release renders to the same objects for ever, as templates may draw passwords by lot: the first
 * rendering is kept, sealed. Throws SlipwayError `unavailable` where helm is not to be had, `notFound` without the chart.
 */
export type ChartRenderer = { readonly render: (release: ChartRelease) => Promise<ChartRendering> };

export type ChartRendererOptions = {
  readonly database: Database;
  /** Slipway's own folder. */
  readonly home: string;
  /** Gives the path of the program helm. */
  readonly helm: () => Promise<string>;
};

export function createChartRenderer(options: ChartRendererOptions): ChartRenderer {
  return {
    async render(release) {
      const { digest, releaseName, namespace, values } = release;
      const key = digestOf({ digest, releaseName, namespace, values });
      const known = await findRendering(options.database, key);
      if (known !== undefined) return { objects: known, findings: [] };
      const rendering = await renderAnew(options, release);
      if (rendering.objects.length === 0) return rendering;
      const objects = await saveRendering(options.database, { key, objects: rendering.objects });
      return { ...rendering, objects };
    },
  };
}

function renderAnew(
  { database, home, helm }: ChartRendererOptions,
  { digest, releaseName, namespace, values, signal }: ChartRelease,
): Promise<ChartRendering> {
  return withScratch(home, `chart.${releaseName}`, async (scratch) => {
    const chart = `${scratch.newPath()}.tgz`;
    await pipeline(readAttachment(database, digest), createWriteStream(chart, { mode: 0o600 }), { signal });
    const program = await helm();
    // JSON is YAML.
    const templated = await templateChart({
      program,
      scratch,
      chart,
      values: JSON.stringify(values),
      namespace,
      releaseName,
      signal,
    });
    if ('finding' in templated) return { objects: [], findings: [templated.finding] };
    return readObjects(templated.text, releaseName);
  });
}

async function readObjects(text: string, releaseName: string): Promise<ChartRendering> {
  const { design, findings } = await readTextsSafely([{ bytes: Buffer.from(text) }], {
    fallbackName: releaseName,
    format: 'manifests',
    withoutPlaces: true,
  });
  return {
    objects: design?.components.map(({ object }) => object) ?? [],
    // A chart that draws a password holds none: what it drew is kept sealed.
    findings: findings.filter(({ code }) => code !== 'design.plainSecret'),
  };
}
