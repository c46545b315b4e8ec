import { z } from 'zod';
import { didYouMean } from '../../../domain/design/closest-name.ts';
import { SlipwayError } from '../../../domain/errors.ts';
import { arrayAt, isJsonObject, type JsonObject, parseJson, valueAt } from '../../../domain/json.ts';
import { readYaml } from '../../design-source/yaml-documents.ts';
import { isWebPage } from '../web-page.ts';
import { chooseVersion } from './choose-version.ts';
import { findInIndex, statedVersion } from './index-lines.ts';
import { linesOf, readIndex } from './read-index.ts';
import { notAnIndex } from './not-an-index.ts';

const entrySchema = z.looseObject({
  name: z.string(),
  version: z.coerce.string(),
  urls: z.array(z.string().min(1)).min(1),
  digest: z.string().nullish().catch(undefined),
  deprecated: z.boolean().nullish(),
});

/** One version of a chart in an `index.yaml`: https://helm.sh/docs/topics/chart_repository/#the-index-file */
export type IndexEntry = z.infer<typeof entrySchema>;

export type WantedChart = { readonly chart: string; readonly version?: string | undefined };

/**
 * The entry of the chart's version that is wanted in an `index.yaml`, also a packed one. Throws SlipwayError `notFound` naming what there
 * is, `invalid` for what is no index.
 */
export async function findIndexEntry(file: string, wanted: WantedChart): Promise<IndexEntry> {
  const { names, versions, hasOthers } = await findInIndex(linesOf(readIndex(file)), wanted.chart);
  if (versions === undefined && names.length > 0 && !hasOthers) throw noChart(wanted.chart, names);
  const stated = versions?.map(statedVersion) ?? [];
  const known = stated.filter((found) => found !== undefined);
  if (versions === undefined || known.length === 0) return chooseEntry(await parseWhole(file, wanted), wanted);
  const version = chooseVersion(known, wanted.version);
  if (version === undefined) throw noVersion(wanted, stated);
  // As it is written: YAML would read 1.10 as a number.
  return { ...parseEntry(parseYaml(versions[stated.indexOf(version)] ?? ''), wanted.chart), version };
}

/** Throws SlipwayError `invalid` for a file that is no `index.yaml`; it may have no charts. */
export async function checkIndex(file: string): Promise<void> {
  const { names } = await findInIndex(linesOf(readIndex(file)), '');
  if (names.length > 0) return;
  await entriesOf(file);
}

/** The charts of an index that is written as JSON or in another unusual way. */
async function entriesOf(file: string): Promise<JsonObject> {
  const content = (await Array.fromAsync(readIndex(file))).join('');
  if (isWebPage(content)) throw notAnIndex('it is a web page');
  // YAML in flow style begins as JSON does.
  const entries = valueAt(parseJson(content) ?? parseYaml(content), 'entries');
  if (!isJsonObject(entries)) throw notAnIndex('it has no entries');
  return entries;
}

async function parseWhole(file: string, { chart }: WantedChart): Promise<readonly unknown[]> {
  const entries = await entriesOf(file);
  if (!Object.hasOwn(entries, chart)) throw noChart(chart, Object.keys(entries));
  return arrayAt(entries, chart);
}

function chooseEntry(given: readonly unknown[], wanted: WantedChart): IndexEntry {
  const entries = given.map((entry) => parseEntry([entry], wanted.chart));
  const versions = entries.map(({ version }) => version);
  const version = chooseVersion(versions, wanted.version);
  const entry = entries.find((candidate) => candidate.version === version);
  if (entry === undefined) throw noVersion(wanted, versions);
  return entry;
}

function parseEntry(list: unknown, chart: string): IndexEntry {
  const result = z.tuple([entrySchema]).safeParse(list);
  if (result.success) return result.data[0];
  throw notAnIndex(`its entry of ${chart} is not one of a chart: ${z.prettifyError(result.error)}`);
}

function parseYaml(content: string): unknown {
  const { documents, findings } = readYaml({ text: content });
  const [problem] = findings;
  if (problem !== undefined) throw notAnIndex(problem.message);
  return documents[0]?.value;
}

function noChart(chart: string, names: readonly string[]): SlipwayError {
  const hint = didYouMean(chart, names);
  return new SlipwayError('notFound', `the chart repository has no chart ${JSON.stringify(chart)}`, {
    fix: hint === '' ? `Name one of its charts: ${shortList(names)}.` : hint.trim(),
  });
}

function noVersion({ chart, version }: WantedChart, versions: readonly (string | undefined)[]): SlipwayError {
  const which = version === undefined ? 'version that can be understood' : `version ${JSON.stringify(version)}`;
  return new SlipwayError('notFound', `the chart ${JSON.stringify(chart)} has no ${which}`, {
    fix: `Choose one of its versions: ${shortList(versions.filter((found) => found !== undefined))}.`,
  });
}

function shortList(words: readonly string[]): string {
  const shown = 10;
  const more = words.length - shown;
  return `${words.slice(0, shown).join(', ') || 'there are none'}${more > 0 ? ` and ${more} more` : ''}`;
}
