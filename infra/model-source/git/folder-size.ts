import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const pauseMs = 200;

export type FolderWatch = {
  readonly folder: string;
  readonly maximumBytes: number;
  readonly onExceeded: () => void;
};

/** Looks five times a second how large a folder has grown; tells it once and looks no more. */
export function watchFolderSize({ folder, maximumBytes, onExceeded }: FolderWatch): { readonly stop: () => void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const isTooLarge = (await folderBytes(folder, maximumBytes)) > maximumBytes;
    if (stopped) return;
    if (isTooLarge) onExceeded();
    else lookLater();
  };
  const lookLater = (): void => {
    timer = setTimeout(() => void look(), pauseMs);
  };
  lookLater();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The sizes of all files together, counted no further than just over `enough`. */
export async function folderBytes(folder: string, enough = Number.POSITIVE_INFINITY): Promise<number> {
  let bytes = 0;
  for (const entry of await orNothing(readdir(folder, { withFileTypes: true }), [])) {
    if (bytes > enough) break;
    const path = join(folder, entry.name);
    bytes += entry.isDirectory()
      ? await folderBytes(path, enough - bytes)
      : await orNothing(
          lstat(path).then(({ size }) => size),
          0,
        );
  }
  return bytes;
}

/** Git removes and renames files while they are looked at. */
async function orNothing<T>(reading: Promise<T>, nothing: T): Promise<T> {
  return reading.catch(() => nothing);
}
