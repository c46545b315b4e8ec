import { count } from 'drizzle-orm';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { operationStates } from '../domain/operation.ts';
import type { Database } from './database/database.ts';
import { operations } from './database/schema.ts';

/** What the API measures, in the text format of Prometheus. */
export type ApiMetrics = {
  readonly contentType: string;
  readonly render: () => Promise<string>;
  readonly requestEnded: (request: { method: string; route: string; status: number; seconds: number }) => void;
  readonly streamOpened: (stream: string) => void;
  readonly streamClosed: (stream: string) => void;
};

/** Metrics of one app, in a registry of its own, so that two apps in one process do not clash. */
export function createApiMetrics(database: Database): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'slipway_http_request_duration_seconds',
    help: 'Time from the request to its answer, by route; live streams are not in it',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const streams = new Gauge({
    name: 'slipway_stream_clients',
    help: 'Clients that follow a live stream of this process',
    labelNames: ['stream'],
    registers,
  });
  const failures = new Counter({
    name: 'slipway_metrics_collect_failures_total',
    help: 'How often the operations could not be counted',
    registers,
  });
  registry.registerMetric(
    new Gauge({
      name: 'slipway_operations',
      help: 'Operations in the database, by state',
      labelNames: ['state'],
      registers: [],
      async collect() {
        try {
          const counts = await countOperations(database);
          for (const state of operationStates) this.set({ state }, counts.get(state) ?? 0);
        } catch {
          failures.inc();
        }
      },
    }),
  );
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    requestEnded: ({ method, route, status, seconds }) => durations.observe({ method, route, status }, seconds),
    streamOpened: (stream) => streams.inc({ stream }),
    streamClosed: (stream) => streams.dec({ stream }),
  };
}

async function countOperations(database: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await database.read((queries) =>
    queries.select({ state: operations.state, count: count() }).from(operations).groupBy(operations.state),
  );
  return new Map(rows.map((row) => [row.state, row.count]));
}
