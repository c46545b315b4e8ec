/**
 * How fast is the registry, and how does that grow with what it holds?
 *
 *   node bench/registry.ts search [--sizes 1000,10000,100000] [--json FILE]
 *     one registry filled to each size: storing, storing the same again, searches and lists
 *
 *   node bench/registry.ts import [--sizes 1000,5000,10000] [--json FILE]
 *     a package of each size through the API and a worker: the first import, the same again, the worker's memory
 */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { say, startStack } from './deploy/stack.ts';
import { type ImportMeasurement, measureImport } from './registry/import.ts';
import { toImportReport, toSearchReport } from './registry/report.ts';
import { measureSearch } from './registry/search.ts';

const optionsSchema = z.strictObject({
  sizes: z
    .string()
    .transform((text): unknown => text.split(','))
    .pipe(z.array(z.coerce.number().int().min(50).max(1_000_000)).min(1)),
  json: z.string().optional(),
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string' },
    json: { type: 'string' },
  },
});

const usualSizes = { search: '1000,10000,100000', import: '1000,5000,10000' } as const;
const part = z.enum(['search', 'import']).parse(positionals[0] ?? 'search');
const { sizes, json } = optionsSchema.parse({ ...values, sizes: values.sizes ?? usualSizes[part] });
const { measurements, report } = part === 'search' ? await search() : await importPackages();
console.log(`${cpus().length} processors, Node ${process.version}.\n`);
console.log(report);
if (json !== undefined) {
  const machine = { processors: cpus().length, memoryBytes: totalmem(), node: process.version };
  await writeFile(json, `${JSON.stringify({ machine, part, measurements }, undefined, 2)}\n`);
}

async function search() {
  const figures = await measureSearch(sizes, say);
  return { measurements: figures, report: toSearchReport(figures) };
}

async function importPackages() {
  // A file for each component of the largest, and more than by default.
  const stack = await startStack({ SLIPWAY_ARCHIVE_ENTRIES: String(Math.max(...sizes) + 1_000) });
  try {
    const figures: ImportMeasurement[] = [];
    for (const size of sizes) {
      figures.push(await measureImport(stack, size));
      say(`${size} imported`);
    }
    return { measurements: figures, report: toImportReport(figures) };
  } finally {
    await stack.stop();
  }
}
