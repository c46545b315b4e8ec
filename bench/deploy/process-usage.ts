import { readFile, writeFile } from 'node:fs/promises';

/** A process to watch, under the name that the results give it. */
export type WatchedProcess = { readonly name: string; readonly pid: () => number | undefined };

/** Kernel ticks a second, as /proc counts processor time; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Places in /proc/PID/stat after the program's name, which may itself hold blanks. */
const userTicksAt = 11;
const systemTicksAt = 12;

/** Processor milliseconds of each process since it started. Empty on systems without /proc. */
export async function readProcessorMs(processes: readonly WatchedProcess[]): Promise<ReadonlyMap<string, number>> {
  const used = new Map<string, number>();
  for (const { name, pid } of processes) {
    const stat = await readProcFile(pid(), 'stat');
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    const ticks = Number(fields[userTicksAt]) + Number(fields[systemTicksAt]);
    if (Number.isFinite(ticks)) used.set(name, (ticks / ticksPerSecond) * 1000);
  }
  return used;
}

/** The most memory that the process has held at once since `forgetPeak`, in bytes. Undefined on systems without /proc. */
export async function readPeakBytes(pid: number | undefined): Promise<number | undefined> {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec((await readProcFile(pid, 'status')) ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Lets the process's peak of memory begin anew at what it holds now (5: proc(5), clear_refs). */
export async function forgetPeak(pid: number | undefined): Promise<void> {
  if (process.platform === 'linux' && pid !== undefined) await writeFile(`/proc/${pid}/clear_refs`, '5');
}

async function readProcFile(pid: number | undefined, file: string): Promise<string | undefined> {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  return readFile(`/proc/${pid}/${file}`, 'utf8');
}
