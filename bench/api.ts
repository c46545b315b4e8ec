import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { composeApi } from '../api/compose.ts';
import { serveApi } from '../api/serve.ts';
import { loadConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';

/** How fast the API accepts deploys and answers reads, over HTTP, one request at a time and many at once. Needs a Temporal server. */
const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '300' },
    concurrency: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
  },
});
const requests = Number(options.requests);
const concurrency = Number(options.concurrency);
const token = 'slp_bench-token-of-more-than-32-characters';

type Send = (index: number) => Promise<Response>;
type Measurement = {
  readonly name: string;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly perSecond: number;
};

const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const config = loadConfig({
  ...process.env,
  SLIPWAY_HOME: home,
  SLIPWAY_TOKEN: token,
  SLIPWAY_REQUESTS_PER_SECOND: '1000000',
});
const { api, close } = await composeApi({ config, log: createLog({ level: 'warn', name: 'bench' }) });
const server = await serveApi({ api, host: '127.0.0.1', port: 0 });
try {
  const results = await measureAll();
  process.stdout.write(options.json ? `${JSON.stringify(results, undefined, 2)}\n` : toTable(results));
} finally {
  await server.stop();
  await close();
  await rm(home, { recursive: true, force: true });
}

async function measureAll(): Promise<readonly Measurement[]> {
  const design = await prepare();
  // A deployment takes one deploy at a time; the others of the same design wait in its queue.
  const deploy: Send = () => send('/v1/deployments', { design, connection: 'bench-0', queue: true });
  const deployElsewhere: Send = (index) => send('/v1/deployments', { design, connection: `bench-${index}` });
  return [
    await measure('health', () => send('/healthz')),
    await measure('accept a deploy (its own deployment)', deployElsewhere),
    await measure('accept a deploy (queued)', deploy),
    await measure('read a design', () => send(`/v1/designs/${design}`)),
    await measure('list 50 operations', () => send('/v1/operations')),
    await measure('list 50 deployments', () => send('/v1/deployments')),
  ];
}

async function prepare(): Promise<string> {
  const source = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
  await send('/v1/designs', { name: 'bench', source });
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:6443' } }],
    users: [{ name: 'a', user: { token: 'a' } }],
  });
  for (let index = 0; index < 2 * requests; index += 1) {
    await send('/v1/connections', { name: `bench-${index}`, kubeconfig });
  }
  return 'bench';
}

/** Latency of requests one after another, then throughput with many at once. */
async function measure(name: string, work: Send): Promise<Measurement> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) {
    const start = performance.now();
    await work(index);
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  let next = requests;
  const start = performance.now();
  const workers = Array.from({ length: concurrency }, async () => {
    while (next < 2 * requests) {
      next += 1;
      await work(next - 1);
    }
  });
  await Promise.all(workers);
  const seconds = (performance.now() - start) / 1000;
  return {
    name,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    perSecond: requests / seconds,
  };
}

async function send(path: string, body?: object): Promise<Response> {
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return response;
}

function toTable(results: readonly Measurement[]): string {
  const header = ['', 'median ms', 'p99 ms', `per second, ${concurrency} at once`];
  const rows = results.map(({ name, medianMs, p99Ms, perSecond }) => [
    name,
    medianMs.toFixed(1),
    p99Ms.toFixed(1),
    perSecond.toFixed(0),
  ]);
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, column) => cell[column === 0 ? 'padEnd' : 'padStart'](widths[column] ?? 0)).join('  '),
    )
    .join('\n')
    .concat('\n');
}
