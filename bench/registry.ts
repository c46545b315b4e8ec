/**
 * How fast is the registry, and how does that grow with what it holds?
 *
 *   node bench/registry.ts search [--sizes 1000,10000,100000] [--json FILE]
 *     one registry filled to each size: storing, storing the same again, searches and lists
 */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { toSearchReport } from './registry/report.ts';
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
    sizes: { type: 'string', default: '1000,10000,100000' },
    json: { type: 'string' },
  },
});

const part = z.enum(['search']).parse(positionals[0] ?? 'search');
const { sizes, json } = optionsSchema.parse(values);
const measurements = await measureSearch(sizes, (line) => process.stderr.write(`${line}\n`));
console.log(`${cpus().length} processors, Node ${process.version}.\n`);
console.log(toSearchReport(measurements));
if (json !== undefined) {
  const machine = { processors: cpus().length, memoryBytes: totalmem(), node: process.version };
  await writeFile(json, `${JSON.stringify({ machine, part, measurements }, undefined, 2)}\n`);
}
