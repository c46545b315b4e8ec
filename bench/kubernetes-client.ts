/**
 * How fast are 1,000 server-side applies of ConfigMaps, by transport? Compares HTTP/1.1 and HTTP/2, the three ways in
 * which undici sends a request, and Slipway's client on top of the fastest.
 *
 *   node bench/kubernetes-client.ts --kubeconfig FILE [--context NAME] [--count 1000] [--rounds 5]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Agent, fetch, request } from 'undici';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { type ClusterClient, createClusterClient } from '../infra/kubernetes/cluster-client.ts';
import { tlsOptions } from '../infra/kubernetes/connection.ts';
import { createCredentialSource, type RequestHeaders } from '../infra/kubernetes/credentials.ts';
import { exchange } from '../infra/kubernetes/exchange.ts';
import { readKubeconfig } from '../infra/kubernetes/kubeconfig.ts';

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    count: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
  },
});
if (values.kubeconfig === undefined) throw new Error('name a cluster: --kubeconfig FILE');
const source = {
  kubeconfig: readFileSync(values.kubeconfig, 'utf8'),
  trusted: true,
  ...(values.context === undefined ? {} : { context: values.context }),
};
const count = Number(values.count);
const rounds = Number(values.rounds);
const namespace = `bench-${process.pid}`;
const access = readKubeconfig(source.kubeconfig, source);
const credentials = await createCredentialSource(access).get();
const origin = new URL(access.cluster.server).origin;

type Send = (path: string, body: string) => Promise<number>;
type Sender = 'dispatch' | 'request' | 'fetch';
type Variant = { readonly name: string; readonly start: () => Transport };
type Transport = { readonly apply: (object: KubernetesObject) => Promise<void>; readonly close: () => Promise<void> };
type Figures = { readonly wallMs: number; readonly processorMs: number };

const headers: RequestHeaders = {
  ...credentials.headers,
  accept: 'application/json',
  'content-type': 'application/apply-patch+yaml',
};

function senderOver(agent: Agent, sender: Sender): Send {
  switch (sender) {
    case 'dispatch':
      return async (path, body) => {
        const answer = await exchange(agent, {
          origin,
          path,
          method: 'PATCH',
          headers,
          body,
          timeoutMs: 60_000,
          signal: undefined,
        });
        JSON.parse(answer.body);
        return answer.status;
      };
    case 'request':
      return async (path, body) => {
        const answer = await request(origin + path, { dispatcher: agent, method: 'PATCH', headers, body });
        await answer.body.json();
        return answer.statusCode;
      };
    case 'fetch':
      return async (path, body) => {
        const answer = await fetch(origin + path, { dispatcher: agent, method: 'PATCH', headers: textHeaders(), body });
        await answer.json();
        return answer.status;
      };
  }
}

function textHeaders(): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** `inFlight` requests at once over HTTP/1.1 (a socket each) or HTTP/2 (over `sockets`). */
function raw(
  protocol: 'h1' | 'h2',
  sender: Sender,
  { inFlight, sockets }: { inFlight: number; sockets: number },
): Variant {
  const start = (): Transport => {
    const agent = new Agent({
      connections: sockets,
      allowH2: protocol === 'h2',
      ...(protocol === 'h2' ? { pipelining: inFlight } : {}),
      connect: tlsOptions(access, credentials),
    });
    const send = senderOver(agent, sender);
    const turns = createTurns(inFlight);
    return {
      apply: (object) =>
        turns(async () => {
          const path = `/api/v1/namespaces/${namespace}/configmaps/${object.metadata.name}?fieldManager=bench`;
          const status = await send(path, JSON.stringify(object));
          if (status >= 300) throw new Error(`the API server answered ${status}`);
        }),
      close: () => agent.close(),
    };
  };
  return { name: `${protocol} ${sender}, ${inFlight} at once, ${sockets} socket(s)`, start };
}

/** Runs so many at once, in the order of asking. */
function createTurns(width: number): (run: () => Promise<void>) => Promise<void> {
  const lanes = Array.from({ length: width }, () => Promise.resolve());
  let next = 0;
  return (run) => {
    const lane = next++ % width;
    const turn = (lanes[lane] ?? Promise.resolve()).then(run);
    lanes[lane] = turn.catch(() => undefined);
    return turn;
  };
}

const slipway: Variant = {
  name: "Slipway's client",
  start: () => {
    const client = createClusterClient(source);
    return {
      apply: async (object) => {
        await client.apply(object, { fieldManager: 'bench' });
      },
      close: client.close,
    };
  },
};

const variants: readonly Variant[] = [
  raw('h1', 'dispatch', { inFlight: 16, sockets: 16 }),
  raw('h1', 'dispatch', { inFlight: 32, sockets: 32 }),
  raw('h1', 'dispatch', { inFlight: 64, sockets: 64 }),
  raw('h2', 'dispatch', { inFlight: 32, sockets: 1 }),
  raw('h2', 'dispatch', { inFlight: 64, sockets: 1 }),
  raw('h2', 'dispatch', { inFlight: 64, sockets: 4 }),
  raw('h1', 'request', { inFlight: 32, sockets: 32 }),
  raw('h1', 'fetch', { inFlight: 32, sockets: 32 }),
  slipway,
];

function configMap(index: number): KubernetesObject {
  const metadata = { name: `bench-${index}`, namespace, labels: { 'app.kubernetes.io/part-of': 'bench' } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: 'x'.repeat(200) } };
}

/** One fresh transport and its sockets, `count` creations. */
async function measure(variant: Variant): Promise<Figures> {
  const objects = Array.from({ length: count }, (_, index) => configMap(index));
  const transport = variant.start();
  const processor = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(objects.map((object) => transport.apply(object)));
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(processor);
  await transport.close();
  return { wallMs, processorMs: (user + system) / 1_000 };
}

async function removeAll(client: ClusterClient): Promise<void> {
  const { objects } = await client.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace, metadataOnly: true });
  await Promise.all(objects.map(({ metadata: { name } }) => client.delete({ ...configMap(0), namespace, name })));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const admin = createClusterClient(source);
await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { fieldManager: 'bench' });
const figures = new Map<string, Figures[]>(variants.map(({ name }) => [name, []]));
// Round by round, so that a noisy minute does not fall on one variant only. The first warms up and is not counted.
for (let round = 0; round <= rounds; round += 1) {
  for (const variant of variants) {
    const measured = await measure(variant);
    if (round > 0) figures.get(variant.name)?.push(measured);
    await removeAll(admin);
  }
}
await admin.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
await admin.close();

const rows = [...figures].map(([name, all]) => ({
  name,
  wallMs: median(all.map((one) => one.wallMs)),
  processorMs: median(all.map((one) => one.processorMs)),
}));
const bestMs = Math.min(...rows.map((row) => row.wallMs));
console.log(`${count} server-side applies of new ConfigMaps, median of ${rounds} rounds`);
console.table(
  Object.fromEntries(
    rows.map(({ name, wallMs, processorMs }) => [
      name,
      {
        'wall ms': Math.round(wallMs),
        'to the best': (wallMs / bestMs).toFixed(2),
        'own cpu ms': Math.round(processorMs),
      },
    ]),
  ),
);
