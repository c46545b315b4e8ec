import { readFile } from 'node:fs/promises';

export type MemoryWatch = {
  readonly pid: number;
  /** What the process may keep in memory. */
  readonly maximumBytes: number;
  /** Called once when it keeps more. */
  readonly onExceeded: () => void;
};

const lookMs = 100;

/**
 * Looks at the memory of a process until the function that it gives is called or the process has ended. Does nothing where the system
 * has no /proc: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function watchMemory({ pid, maximumBytes, onExceeded }: MemoryWatch): () => void {
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    const bytes = await residentBytes(pid);
    if (bytes === undefined || stopping.signal.aborted) return;
    if (bytes > maximumBytes) onExceeded();
    else setTimeout(() => void look(), lookMs).unref();
  };
  void look();
  return () => stopping.abort();
}

async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
