import { parentPort, workerData } from 'node:worker_threads';
import { readTexts, type TextFile, type TextOptions } from './read-text.ts';

/** What the thread is started with. */
export type TextWorkerInput = { readonly files: readonly TextFile[]; readonly options: TextOptions };

const { files, options }: TextWorkerInput = workerData;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(readTexts(files, options));
