/** Workflows and the activities that only keep the books. */
export const mainTaskQueue = 'slipway';

/** The task queue on which the activities of an adapter run, wherever its infrastructure is. */
export function adapterTaskQueue(adapter: string): string {
  return `adapter-${adapter}`;
}

/** Where clusters are watched: activities that last, and wait nearly all of the time. */
export const discoveryTaskQueue = 'discovery';

/** Where models are read from their sources and sent to registries: work that takes memory, disk and programs. */
export const generationTaskQueue = 'generation';
