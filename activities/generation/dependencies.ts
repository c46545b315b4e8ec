import type { Client } from '@temporalio/client';
import type { Clusters } from '../../infra/clusters.ts';
import type { Database } from '../../infra/database/database.ts';
import type { FetchDependencies } from '../../infra/model-source/fetch-source.ts';
import type { WebClient } from '../../infra/model-source/web-client.ts';

/** What the activities work with that read sources and send models away. */
export type GenerationDependencies = FetchDependencies & {
  /** A web client that gives up soon, for what somebody waits for. */
  readonly probe: WebClient;
  /** The folder of Slipway's own, in which unpacked sources have a place while they are read. */
  readonly home: string;
};

/** What the activities work with that keep the books. */
export type BookDependencies = { readonly database: Database; readonly temporal: Client };

/** What the activities work with that watch clusters. */
export type DiscoveryDependencies = { readonly database: Database; readonly clusters: Clusters };
