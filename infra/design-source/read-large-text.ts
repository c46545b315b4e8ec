import { Worker } from 'node:worker_threads';
import type { ConvertedDesign } from '../../domain/design/convert-documents.ts';
import type { Finding } from '../../domain/finding.ts';
import { readTexts, type TextFile, type TextOptions } from './read-text.ts';
import type { TextWorkerInput } from './text-worker.ts';

/** Up to here a text is read at once; the thread's start would take longer. */
const inlineBytes = 128 * 1024;
const threadMemoryMb = 1024;
const threadMs = 120_000;

/** Reads texts without stopping the process: large ones in a thread with a limit on memory and time. */
export async function readTextsSafely(files: readonly TextFile[], options: TextOptions): Promise<ConvertedDesign> {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return bytes <= inlineBytes ? readTexts(files, options) : readInThread({ files, options });
}

function readInThread(input: TextWorkerInput): Promise<ConvertedDesign> {
  const worker = new Worker(new URL('./text-worker.ts', import.meta.url), {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: threadMemoryMb },
  });
  return new Promise<ConvertedDesign>((resolve, reject) => {
    const timer = setTimeout(() => resolve({ findings: [tooComplex('time')] }), threadMs);
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve({ findings: [tooComplex('memory')] });
      else reject(error);
    });
    worker.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the thread that reads a design ended with code ${code}`));
    });
  }).finally(() => worker.terminate());
}

function tooComplex(lacking: 'time' | 'memory'): Finding {
  return {
    severity: 'error',
    code: 'text.tooComplex',
    message: `The text could not be read within the limit of ${lacking === 'time' ? `${threadMs / 1000} s` : `${threadMemoryMb} MB of memory`}.`,
    fix: 'Split the text.',
  };
}
