import { parentPort, workerData } from 'node:worker_threads';
import { readTexts, type TextFile, type TextOptions } from './read-text.ts';

/** What the thread is started with. */
export type TextWorkerInput = { readonly files: readonly TextFile[]; readonly options: TextOptions };

const { files, options }: TextWorkerInput = workerData;
parentPort?.postMessage(readTexts(files, options));
