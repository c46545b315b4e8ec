import { createInterface } from 'node:readline';
import { SlipwayError } from '../../../domain/errors.ts';
import { signalGroup, spawnGuarded } from '../guarded-child.ts';
import type { Program } from './program.ts';

const heartbeatMs = 5000;
const lastLines = 8;

export type BuildOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
};

/** Builds a program from its pinned Go module into `draft`. Throws `unavailable` with the compiler's last lines. */
export async function buildProgram(program: Program, draft: string, options: BuildOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const { folder, package: goPackage, linkerFlags } = program.module;
  const build = spawnGuarded({
    command: 'go',
    args: ['build', '-v', '-trimpath', '-ldflags', linkerFlags, '-o', draft, goPackage],
    folder,
    environment: options.environment,
    output: 'pipe',
  });
  const stop = (): void => signalGroup(build.pid, 'SIGTERM');
  options.signal?.addEventListener('abort', stop, { once: true });
  build.child.stdout?.resume();
  const log = followLog(build.child.stderr, options.onProgress);
  const { code } = await build.ended;
  options.signal?.removeEventListener('abort', stop);
  log.stop();
  options.signal?.throwIfAborted();
  if (code !== 0) {
    throw buildFailure(log.lines(), code);
  }
}

type Log = { readonly lines: () => readonly string[]; readonly stop: () => void };

/** Counts what `go build -v` names line by line and tells the count from time to time, as a build takes minutes. */
function followLog(output: NodeJS.ReadableStream | null, onProgress: (line: string) => void): Log {
  const startedAt = Date.now();
  const counts = { downloaded: 0, compiled: 0 };
  let last: readonly string[] = [];
  if (output !== null) {
    createInterface({ input: output }).on('line', (line) => {
      counts[line.startsWith('go: downloading') ? 'downloaded' : 'compiled'] += 1;
      last = [...last, line].slice(-lastLines);
    });
  }
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    onProgress(`building: ${counts.downloaded} modules fetched, ${counts.compiled} packages compiled, ${seconds} s`);
  }, heartbeatMs);
  return { lines: () => last, stop: () => clearInterval(timer) };
}

const goNotFound = 127;

function buildFailure(lines: readonly string[], code: number): SlipwayError {
  const text = lines.join('\n');
  if (code === goNotFound) {
    return new SlipwayError('unavailable', 'go is not installed', {
      fix: 'Install Go 1.26 or newer (https://go.dev/dl).',
    });
  }
  if (text.includes('no space left on device')) {
    return new SlipwayError('unavailable', 'go build found no space left on the disk', {
      fix: 'Free some gigabytes in the cache folders of Slipway and Go (`go env GOCACHE GOMODCACHE`) and try again.',
    });
  }
  return new SlipwayError('unavailable', `go build failed:\n${text}`, {
    fix: 'Check the network, or set GOPROXY to a module proxy that this machine reaches.',
  });
}
