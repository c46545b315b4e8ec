import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { type Database, openDatabase } from '../../infra/database/database.ts';
import {
  componentsOfKind,
  countComponents,
  findComponent,
  listComponents,
} from '../../infra/database/registry/components.ts';
import { listModels } from '../../infra/database/registry/models.ts';
import { summarizeRegistry } from '../../infra/database/registry/summary.ts';
import { createVault } from '../../infra/secrets/vault.ts';
import { timesOf, type Times } from './statistics.ts';
import { type StoreFigures, storeModels } from './store.ts';
import { benchModel, componentsPerModel } from './workload.ts';

/** What was measured in a registry of one size. */
export type SearchMeasurement = {
  readonly componentCount: number;
  readonly stored: StoreFigures;
  readonly unchanged: StoreFigures;
  readonly databaseBytes: number;
  readonly reads: readonly (Times & { readonly name: string; readonly found: number })[];
};

const rounds = 40;

/** Fills one registry to each size in turn, and measures it there. */
export async function measureSearch(
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<readonly SearchMeasurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const database = await openDatabase({
    url: `file:${join(folder, 'registry.db')}`,
    vault: createVault([Buffer.alloc(32, 1)]),
  });
  try {
    const measurements: SearchMeasurement[] = [];
    let from = 0;
    for (const size of sizes) {
      const to = Math.ceil(size / componentsPerModel);
      measurements.push(await measureSize(database, { from, to }));
      say(`${size} components: measured`);
      from = to;
    }
    return measurements;
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureSize(
  database: Database,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<SearchMeasurement> {
  const stored = await storeModels(database, { operationId: `op_${to}`, from, to });
  const unchanged = await storeModels(database, { operationId: `op_${to}_again`, from, to });
  const reads = [];
  for (const read of readsOf(database, to)) reads.push(await measureRead(read));
  return {
    componentCount: to * componentsPerModel,
    stored,
    unchanged,
    databaseBytes: await databaseBytes(database),
    reads,
  };
}

type Read = { readonly name: string; readonly run: (round: number) => Promise<number> };

const terms = ['gateway', 'issuer', 'virtual', 'certificate', 'cluster', 'policy', 'kafka', 'snapshot'];

function term(round: number): string {
  return terms[round % terms.length] ?? '';
}

function readsOf(database: Database, modelCount: number): readonly Read[] {
  const modelAt = (round: number) => benchModel((round * 37) % modelCount);
  const search = async (request: Parameters<typeof listComponents>[1]) =>
    (await listComponents(database, request)).items.length;
  return [
    { name: 'search: one word', run: (round) => search({ q: term(round) }) },
    { name: 'search: two words', run: (round) => search({ q: `${term(round)} ${term(round + 3)}` }) },
    { name: 'search: two letters', run: (round) => search({ q: term(round).slice(0, 2) }) },
    { name: 'search: whole kind', run: (round) => search({ q: modelAt(round).components[3]?.kind }) },
    { name: 'search: a word, newest versions', run: (round) => search({ q: term(round), latest: true }) },
    {
      name: 'search: a word in a category',
      run: (round) => search({ q: term(round), category: modelAt(round).head.model.category }),
    },
    { name: 'search: nothing', run: (round) => search({ q: `nothing${round}` }) },
    { name: 'count: a word', run: (round) => countComponents(database, { q: term(round) }) },
    { name: 'list: by kind', run: () => search({}) },
    { name: 'list: newest versions', run: () => search({ latest: true }) },
    { name: 'list: of a model', run: (round) => search({ model: modelAt(round).head.model.name }) },
    {
      name: 'list: a category, last stored',
      run: (round) => search({ category: modelAt(round).head.model.category, sort: 'updated' }),
    },
    { name: 'count: newest versions', run: () => countComponents(database, { latest: true }) },
    { name: 'models: by name', run: async () => (await listModels(database)).items.length },
    { name: 'models: a word', run: async (round) => (await listModels(database, { q: term(round) })).items.length },
    {
      name: 'component by address',
      run: async (round) => {
        const { head, components } = modelAt(round);
        const { kind = '', apiVersion = '' } = components[round % componentsPerModel] ?? {};
        const address = `${head.model.name}@${head.model.version}/${kind}@${apiVersion}`;
        return (await findComponent(database, address)) === undefined ? 0 : 1;
      },
    },
    {
      name: 'components of a kind',
      run: async (round) => {
        const { kind = '', apiVersion } = modelAt(round).components[round % componentsPerModel] ?? {};
        return (await componentsOfKind(database, { kind, apiVersion })).length;
      },
    },
    { name: 'summary', run: async () => (await summarizeRegistry(database)).components },
  ];
}

async function measureRead({ name, run }: Read): Promise<Times & { readonly name: string; readonly found: number }> {
  const samples: number[] = [];
  let found = 0;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    found = Math.max(found, await run(round));
    samples.push(performance.now() - start);
  }
  return { name, found, ...timesOf(samples) };
}

async function databaseBytes(database: Database): Promise<number> {
  const [row] = await database.read((queries) =>
    queries.all<{ bytes: number }>(
      sql`select page_count * page_size as bytes from pragma_page_count, pragma_page_size`,
    ),
  );
  return row?.bytes ?? 0;
}
